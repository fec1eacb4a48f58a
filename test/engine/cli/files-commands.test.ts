import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { GuestList } from '../../../src/engine/api/guest/guest-files.ts';
import type { DiskInspection } from '../../../src/engine/api/guest/inspection.ts';
import { backup, openTestStore, startBackupLab } from '../../support/backup/backup-lab.ts';
import { runCli } from '../../support/process/cli-io.ts';
import { peer } from '../../support/process/peers.ts';

test('files of a full and of an increment are listed and copied without a restore', async (t) => {
  const mke2fs = peer(t, 'mke2fs');
  if (!mke2fs) return;
  const lab = await startBackupLab(t, {});
  const at = (...names: string[]): string => join(lab.folder, ...names);
  const image = (name: string, text: string): string => {
    mkdirSync(at(name, 'etc'), { recursive: true });
    writeFileSync(at(name, 'etc', 'hosts'), text);
    const path = at(`${name}.raw`);
    const args = ['-q', '-t', 'ext4', '-L', 'root', '-d', at(name), path, '8M'];
    execFileSync(mke2fs, args, { stdio: 'pipe' });
    return path;
  };
  const [before, after] = [image('before', 'old'), image('after', 'new')];
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * 2 ** 20 }] });
  await lab.write('vm', 0, 0, readFileSync(before));
  const { manifest: full } = await backup(lab, store, 'vm');
  await lab.write('vm', 0, 0, readFileSync(after));
  const { manifest: incr } = await backup(lab, store, 'vm');
  assert.equal(incr.disks[0]?.kind, 'incr');

  const of = ['--store', store.location];
  const shown = await runCli(['store', 'show', ...of, '--inspect', '--json']);
  const points = JSON.parse(shown.out) as { disks: { inspection: DiskInspection }[] }[];
  const found = points.map(({ disks }) => disks[0]?.inspection.partitions[0]?.volume);
  assert.deepEqual(
    found.map((volume) => [volume?.kind, volume?.label, volume?.dirty]),
    [
      ['ext4', 'root', false],
      ['ext4', 'root', false],
    ],
  );
  const text = (await runCli(['store', 'show', ...of, '--inspect'])).out;
  assert.match(text, new RegExp(`${full.id}, disk 0, .*\\n.*\\n.*\\n +- .*ext4 +root +clean`));
  const plain = JSON.parse((await runCli(['store', 'show', ...of, '--json'])).out) as {
    disks: object[];
  }[];
  assert.ok(!('inspection' in (plain[0]?.disks[0] ?? {})), 'only --inspect reads the disks');

  const listed = await runCli(['files', 'list', ...of, '/etc', '--json']);
  const { entries, volume } = JSON.parse(listed.out) as GuestList;
  assert.deepEqual([volume, entries.map(({ name, size }) => [name, size])], [0, [['hosts', 3]]]);
  for (const [point, expected] of [
    [full.id, 'old'],
    ['latest', 'new'],
  ] as const) {
    const to = at(`out-${expected}`);
    mkdirSync(to);
    const copy = await runCli(['files', 'copy', ...of, '--point', point, '/etc', '--to', to]);
    assert.match(copy.out, /Copied 1 files \(3 B\) and 1 folders/);
    assert.equal(copy.status, 0);
    assert.equal(readFileSync(join(to, 'etc', 'hosts'), 'utf8'), expected);
  }
  const again = await runCli(['files', 'copy', ...of, '/etc', '--to', at('out-new')]);
  assert.equal(again.status, 1);
  assert.match(again.out, /skipped: .*source\.exists/);
  const missing = await runCli(['files', 'list', ...of, '/none', '--json']);
  assert.equal(missing.status, 3);
  assert.equal(
    (JSON.parse(missing.out) as { error: { code: string } }).error.code,
    'guest.notFound',
  );
  const info = await runCli(['disk', 'info', before, '--inspect']);
  assert.match(info.out, /no partition table: the disk is one volume\n/);
  const byImage = await runCli(['files', 'list', '--image', before]);
  assert.match(byImage.out, /folder .* etc/);
  const wrong = await runCli(['files', 'list', '--image', before, '--volume', '3']);
  assert.match(wrong.err, /no volume 3.*0 \(ext4, root\)/);
});
