import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { newGuid } from '../../../../src/engine/base/guid.ts';
import { perform } from '../../../../src/engine/lab/control/perform.ts';
import { runCli } from '../../../support/process/cli-io.ts';
import { peer } from '../../../support/process/peers.ts';
import { rawWrite } from '../../../support/rsvd/raw-tunnel.ts';
import { DISK_SIZE, MIB, SET, sharedLab, VHDX } from '../../../support/rsvd/shared-lab.ts';
import { SambaServer } from '../../../support/smb/samba-server.ts';

test('rsvd: a shared disk is looked at, and changed only if that is confirmed', async (t) => {
  const lab = await sharedLab(t);
  const { user, password, port } = lab.files;
  const home = mkdtempSync(join(tmpdir(), 'refpoint-rsvd-'));
  const run = async (words: readonly string[], path = SET) => {
    const login = ['--user', user, '--auth', 'ntlm', '--smb-port', String(port)];
    const [name = '', ...rest] = words;
    const unc = `\\\\127.0.0.1\\Shared\\${path}`;
    const env = { REFPOINT_PASSWORD: password, REFPOINT_HOME: home };
    return runCli(['rsvd', name, unc, ...rest, ...login], { env });
  };
  const json = async <T>(words: readonly string[], path = SET): Promise<T> => {
    const { status, out, err } = await run([...words, '--json'], path);
    assert.equal(status, 0, out + err);
    return JSON.parse(out) as T;
  };
  const info = await json<Record<string, unknown>>(['info']);
  assert.equal(info['format'], 'vhds');
  assert.equal(info['virtualSize'], DISK_SIZE);
  assert.equal(info['valid'], true);
  assert.equal(info['snapshots'], 0);
  assert.equal((await json<Record<string, unknown>>(['info'], VHDX))['snapshots'], null);

  for (const [name, ...rest] of [
    ['snapshot'],
    ['delete', '5ac07013-edb8-4e2c-9784-6edd2843f269'],
    ['extract', '5ac07013-edb8-4e2c-9784-6edd2843f269', '--to', 'x.vhdx'],
    ['optimize'],
    ['resize', '--size', '16M'],
    ['convert', '--to', 'x.vhds'],
    ['apply', '5ac07013-edb8-4e2c-9784-6edd2843f269'],
  ]) {
    const refused = await run([name ?? '', ...rest]);
    assert.equal(refused.status, 2, name);
    assert.match(refused.err, /This .*\. Confirm with --yes/, name);
  }
  const bytes = randomBytes(4096);
  const guest = await lab.handle(SET);
  const { id } = await json<{ id: string }>(['snapshot', '--yes']);
  assert.equal(await rawWrite(guest, MIB, bytes), 0);
  const { id: second } = await json<{ id: string }>(['snapshot', '--yes']);
  const foreign = await lab.disk();
  const third = await foreign.createSnapshot(newGuid(), never);
  await foreign.close();
  const rows = await json<{ id: string; owner: string }[]>(['snapshots']);
  assert.deepEqual(
    rows.map((each) => [each.id, each.owner]),
    [
      [id, 'ours'],
      [second, 'ours'],
      [third.id, 'foreign'],
    ],
  );
  const changes = await json<{
    ranges: { start: number; length: number }[];
    queries: { processed: number }[];
  }>(['changes', '--since', id, '--until', second]);
  assert.ok(changes.ranges.some(({ start, length }) => start <= MIB && start + length > MIB));
  assert.equal(
    changes.queries.reduce((sum, { processed }) => sum + processed, 0),
    DISK_SIZE,
  );
  const csv = await run(['changes', '--since', id, '--csv']);
  assert.match(csv.out, /^start,length\n\d+,\d+\n/);
  const read = ['read', '--offset', String(MIB), '--length', '4096'];
  assert.ok((await run([...read, '--snapshot', second])).bytes.equals(bytes));
  assert.ok((await run([...read, '--snapshot', id])).bytes.equals(Buffer.alloc(4096)));
  assert.ok((await run(read)).bytes.equals(bytes));

  const absent = await run(['delete', newGuid(), '--yes']);
  assert.equal(absent.status, 3);
  assert.match(absent.err, /has no snapshot .*rsvd\.snapshot/s);
  assert.doesNotMatch(absent.err, /--foreign/);
  for (const words of [['snapshots'], ['snapshot', '--yes'], ['changes', '--since', newGuid()]]) {
    const ofVhdx = await run(words, VHDX);
    assert.equal(ofVhdx.status, 3, words[0]);
    assert.match(ofVhdx.err, /is a shared VHDX.*need a VHD Set.*rsvd\.kind/s, words[0]);
    assert.match(ofVhdx.err, /rsvd convert/, words[0]);
  }
  const refused = await run(['delete', third.id, '--yes']);
  assert.equal(refused.status, 3);
  assert.match(refused.err, /rsvd\.foreign/);
  assert.equal((await run(['delete', third.id, '--yes', '--foreign'])).status, 0);
  for (const words of [
    ['apply', id, '--yes'],
    ['resize', '--size', '16M', '--yes'],
  ]) {
    const busy = await run(words);
    assert.equal(busy.status, 3);
    assert.match(busy.err, /somebody else has it open.*rsvd\.busy/s);
  }
  await guest.close();
  assert.equal((await run(['apply', id, '--yes'])).status, 0);
  assert.ok((await run(read)).bytes.equals(Buffer.alloc(4096)));
  assert.equal((await run(['extract', second, '--to', 'copy.vhdx', '--yes'])).status, 0);
  assert.ok((await run(read, 'copy.vhdx')).bytes.equals(bytes));
  assert.equal((await run(['delete', second, '--yes'])).status, 0);
  assert.equal((await run(['delete', id, '--yes'])).status, 0);
  assert.equal((await run(['optimize', '--yes'])).status, 0);
  const resized = await json<{ virtualSize: number }>(['resize', '--size', '16M', '--yes']);
  assert.equal(resized.virtualSize, 16 * MIB);
  assert.equal((await run(['convert', '--to', 'made.vhds', '--yes'], VHDX)).status, 0);
  assert.equal((await json<Record<string, unknown>>(['info'], 'made.vhds'))['format'], 'vhds');
  const missing = await run(['info', '--json'], 'missing.vhds');
  assert.equal(missing.status, 3);
  assert.match(missing.out, /smb\.notFound/);
});

test('rsvd: a disk that running VMs of the lab share is not resized', async (t) => {
  const lab = await sharedLab(t);
  const ask: typeof perform = perform;
  const labOf = lab.files.lab;
  const add = (name: string) => ask(labOf, 'add-vm', { name, disks: [] }, noProgress, never);
  await add('a');
  await add('b');
  const wanted = {
    name: 'quorum',
    vms: ['a', 'b'],
    format: 'vhds' as const,
    disk: { size: 4 * MIB },
  };
  const folder = labOf.local('C:\\Lab\\Shared');
  const files = () => (existsSync(folder) ? readdirSync(folder).sort() : []);
  const before = files();
  for (const size of [12_345_678, 65 * 2 ** 40]) {
    const disk = { size };
    for (const format of ['vhds', 'vhdx'] as const) {
      const bad = ask(labOf, 'add-shared-disk', { ...wanted, format, disk }, noProgress, never);
      await assert.rejects(bad, /disk size/);
    }
  }
  for (const name of ['two\nlines', 'a\tb', '\u0000']) {
    const bad = ask(labOf, 'add-shared-disk', { ...wanted, name }, noProgress, never);
    await assert.rejects(bad, /is not a file name/);
  }
  assert.deepEqual(files(), before, 'a refused disk leaves no file');
  const made = await ask(labOf, 'add-shared-disk', wanted, noProgress, never);
  assert.equal(made.path, 'C:\\Lab\\Shared\\quorum.vhds');
  const write = (vm: string, offset: number) =>
    ask(labOf, 'write-bytes', { vm, disk: 0, offset, base64: 'AQID' }, noProgress, never);
  await write('a', 0);
  await write('b', 4096);
  const disk = await lab.disk('quorum.vhds');
  const found = Buffer.alloc(8192);
  const source = disk.openDisk();
  await source.read(0, found, never);
  await source.close();
  assert.deepEqual([...found.subarray(0, 3), ...found.subarray(4096, 4099)], [1, 2, 3, 1, 2, 3]);
  const hashes = [];
  for (const vm of ['a', 'b']) {
    hashes.push((await ask(labOf, 'hash', { vm, disk: 0 }, noProgress, never)).hash);
  }
  assert.equal(hashes[0], hashes[1]);
  await disk.close();
  const { user, password, port } = lab.files;
  const words = ['rsvd', 'resize', '\\\\127.0.0.1\\Shared\\quorum.vhds', '--size', '8M', '--yes'];
  const login = ['--user', user, '--auth', 'ntlm', '--smb-port', String(port)];
  const around = { env: { REFPOINT_PASSWORD: password } };
  assert.match((await runCli([...words, ...login], around)).err, /rsvd\.busy/);
  for (const vm of ['a', 'b']) {
    await ask(labOf, 'set-state', { vm, state: 'off' }, noProgress, never);
  }
  assert.equal((await runCli([...words, ...login], around)).status, 0);
});

test('rsvd: a real Samba server has no shared disks, and no stream is made there', async (t) => {
  if (peer(t, 'smbd') === undefined || peer(t, 'smbpasswd') === undefined) return;
  const server = await SambaServer.start();
  t.after(() => server.close());
  const { user, password } = server.credential;
  const { writeFileSync } = await import('node:fs');
  writeFileSync(join(server.share, 'disk.vhds'), 'not a disk');
  const before = readdirSync(server.share);
  const login = ['--user', user, '--auth', 'ntlm', '--smb-port', String(server.port), '--json'];
  const around = { env: { REFPOINT_PASSWORD: password.reveal() } };
  for (const [name, code] of [
    ['disk.vhds', 'rsvd.unsupported'],
    ['missing.vhds', 'smb.notFound'],
  ] as const) {
    const { status, out } = await runCli(
      ['rsvd', 'info', `\\\\127.0.0.1\\data\\${name}`, ...login],
      around,
    );
    assert.equal(status, 3);
    assert.match(out, new RegExp(`"${code}"`));
  }
  assert.deepEqual(readdirSync(server.share), before);
});
