import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatLease, type LeaseOwner } from '../../../../src/engine/backup/lease/lease-file.ts';
import { systemLeaseClock } from '../../../../src/engine/backup/lease/lease-clock.ts';
import { thisProcess } from '../../../../src/engine/backup/lease/lease-owner.ts';
import {
  restorePoint,
  type RestoreOptions,
} from '../../../../src/engine/backup/restore/restore.ts';
import { placeAll } from '../../../../src/engine/backup/restore/place-all.ts';
import { RestoreStaging } from '../../../../src/engine/backup/restore/staging.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
} from '../../../support/backup/backup-lab.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const MIB = 2 ** 20;

test('no disk is replaced before all are proven, whatever is wrong with the last one', async (t) => {
  const lab = await startBackupLab(t);
  const { id } = await lab.ask('add-vm', {
    name: 'vm',
    disks: [{ size: 8 * MIB }, { size: 8 * MIB }],
  });
  await lab.write(id, 0, MIB, pattern(MIB, 1));
  await lab.write(id, 1, MIB, pattern(MIB, 2));
  const store = await openTestStore(lab);
  const { manifest } = await backup(lab, store, id);
  const to = join(lab.folder, 'out');
  const options: RestoreOptions = {
    vmId: manifest.vm.id,
    point: 'latest',
    disks: [],
    to,
    format: 'vhdx',
    force: true,
  };
  const restore = (): ReturnType<typeof restorePoint> =>
    restorePoint(store, options, noProgress, never);
  const [first, second] = (await restore()).disks.map(({ file }) => file);
  assert.ok(first !== undefined && second !== undefined);
  for (const file of [first, second]) await writeFile(file, `precious ${file}`);

  const image = join(store.location, id, manifest.id, manifest.disks[1]?.file ?? '');
  const bytes = await readFile(image);
  const data = bytes.indexOf(pattern(MIB, 2).subarray(70_000, 70_064));
  // In the data: seen only when the restored disk is read back. In the header: seen when the image is opened.
  for (const [at, code] of [
    [data, 'restore.mismatch'],
    [70_000, undefined],
  ] as const) {
    const broken = Buffer.from(bytes);
    for (let i = 0; i < 64; i++) broken[at + i] = (broken[at + i] ?? 0) ^ 0xff;
    if (code === undefined) broken.fill(0, 65_536, 3 * 65_536);
    await writeFile(image, broken);
    await assert.rejects(restore(), code === undefined ? /./ : { code });
    assert.equal(await readFile(first, 'utf8'), `precious ${first}`);
    assert.equal(await readFile(second, 'utf8'), `precious ${second}`);
    assert.deepEqual((await readdir(to)).length, 2, 'nothing else is left');
  }
  await writeFile(image, bytes);
  // Twice the same disk is one disk.
  const again = await restorePoint(store, { ...options, disks: ['0', '0'] }, noProgress, never);
  assert.equal(again.disks.length, 1);
  await restore();
  assert.notEqual(await readFile(second, 'latin1'), `precious ${second}`);
});

test('if one file cannot be placed, those that were replaced before it return', async (t) => {
  const folder = await temporaryFolder(t);
  const staging = join(folder, 'staging');
  await mkdir(staging);
  const files = ['a', 'b', 'c'].map((name) => ({
    from: join(staging, name),
    to: join(folder, name),
  }));
  const reset = async (): Promise<void> => {
    for (const { from } of files) await writeFile(from, 'new');
  };
  await reset();
  await writeFile(join(folder, 'a'), 'old');
  // A folder of the name cannot be replaced by a file.
  await mkdir(join(folder, 'c'));
  await assert.rejects(placeAll(files, true, never));
  assert.equal(await readFile(join(folder, 'a'), 'utf8'), 'old');
  assert.deepEqual((await readdir(folder)).sort(), ['a', 'c', 'staging']);
  await reset();
  await rm(join(folder, 'a'));
  await assert.rejects(placeAll(files, false, never), { code: 'restore.exists' });
  assert.deepEqual((await readdir(folder)).sort(), ['c', 'staging']);
  await reset();
  await rm(join(folder, 'c'), { recursive: true });
  await placeAll(files, false, never);
  assert.deepEqual((await readdir(folder)).sort(), ['a', 'b', 'c', 'staging']);
});

test('a restore removes what a killed one left, and nothing of one that runs', async (t) => {
  const folder = await temporaryFolder(t);
  const me = await thisProcess('restore');
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  const left = async (name: string, owner: LeaseOwner): Promise<void> => {
    const at = join(folder, `.refpoint-restore-${name}`);
    await mkdir(at);
    const file = await open(join(at, '.refpoint-0123456789abcdef.tmp'), 'w');
    await file.truncate(MIB);
    await file.close();
    const time = new Date().toISOString();
    const times = { since: time, heartbeat: time, released: false };
    await writeFile(
      join(at, 'owner.json'),
      formatLease({ ...owner, version: 1, token: 1, ...times }),
    );
  };
  const fast = { ...systemLeaseClock, wait: () => Promise.resolve() };
  await left('dead', { ...me, pid: child.pid ?? 0, started: null });
  await left('elsewhere', { ...me, machine: 'hv09' });
  await mkdir(join(folder, '.refpoint-restore-ownerless'));
  await writeFile(join(folder, 'mine.vhdx'), 'not ours');
  const running = await RestoreStaging.open(folder, noProgress, never, {
    ...systemLeaseClock,
    // Its heartbeat is not what this test waits for; looks take no time.
    wait: (milliseconds, signal) =>
      milliseconds > 5000 ? systemLeaseClock.wait(milliseconds, signal) : fast.wait(),
  });
  const staged = running.folder.slice(folder.length + 1);
  assert.deepEqual((await readdir(folder)).sort(), [staged, 'mine.vhdx'].sort());
  const next = await RestoreStaging.open(folder, noProgress, never);
  assert.ok((await readdir(folder)).includes(staged) || me.boot === null);
  await next.close();
  await running.close();
  assert.deepEqual(await readdir(folder), ['mine.vhdx']);
});
