import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { listPoints } from '../../../../src/engine/backup/points/catalog.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { delay, never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import {
  backup,
  clean,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  verifyErrors,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { refpoint, startLabProcess, startRefpoint } from '../../../support/process/command.ts';
import { runCli, runCliJson } from '../../../support/process/cli-io.ts';
import { faultyStore } from '../../../support/store/faulty-store.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const MIB = 2 ** 20;
const SIZE = 8 * MIB;

const vmIdOf = async (lab: BackupLab, vm = 'vm'): Promise<Guid> =>
  (await lab.host.findVm(vm, never)).id;

async function assertLatestRestores(lab: BackupLab, store: Store, disks: number): Promise<void> {
  const vmId = await vmIdOf(lab);
  const points = await listPoints(store, vmId, never);
  const restored = await restoredHashes(lab, store, vmId, points.at(-1)?.id ?? '');
  for (let disk = 0; disk < disks; disk++) {
    assert.equal(restored[disk], await lab.guestHash('vm', disk), `disk ${disk}`);
  }
}

test('a resized and a replaced disk get fulls beside an increment', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }, { size: SIZE }, { size: SIZE }] });
  for (let disk = 0; disk < 3; disk++) await lab.write('vm', disk, MIB, pattern(MIB, disk));
  const first = await backup(lab, store, 'vm');
  await lab.ask('resize', { vm: 'vm', disk: 1, size: SIZE + 4 * MIB });
  await lab.write('vm', 1, SIZE + MIB, pattern(MIB, 5));
  await lab.ask('replace', { vm: 'vm', disk: 2, with: { size: SIZE } });
  await lab.write('vm', 2, 2 * MIB, pattern(MIB, 6));
  await lab.write('vm', 0, 3 * MIB, pattern(512, 7));
  const { manifest } = await backup(lab, store, 'vm');
  assert.equal(manifest.kind, 'incr');
  assert.equal(manifest.parent, first.manifest.id);
  assert.deepEqual(
    manifest.disks.map((disk) => [disk.kind, disk.reason.code]),
    [
      ['incr', 'incremental'],
      ['full', 'disk.resized'],
      ['full', 'disk.replaced'],
    ],
  );
  await assertLatestRestores(lab, store, 3);
  await lab.write('vm', 2, 5 * MIB, pattern(512, 8));
  const third = await backup(lab, store, 'vm');
  assert.deepEqual(
    third.manifest.disks.map((disk) => disk.kind),
    ['incr', 'incr', 'incr'],
  );
  await assertLatestRestores(lab, store, 3);
  assert.deepEqual(await verifyErrors(store, await vmIdOf(lab)), []);
});

test('the same beside an export: fulls are exported, changed ranges of the rest are taken', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }, { size: SIZE }] });
  await lab.write('vm', 0, MIB, pattern(2 * MIB, 1));
  await backup(lab, store, 'vm', { method: 'export' });
  await lab.ask('resize', { vm: 'vm', disk: 1, size: 2 * SIZE });
  await lab.write('vm', 0, 2 * MIB, pattern(512, 2));
  const { manifest } = await backup(lab, store, 'vm', { method: 'export' });
  assert.deepEqual(
    manifest.disks.map((disk) => disk.kind),
    ['incr', 'full'],
  );
  assert.ok((manifest.disks[0]?.readBytes ?? 0) <= 65_536, 'only what changed is taken');
  await assertLatestRestores(lab, store, 2);
});

test('a disk that was left out is new when it is taken in, and the others stay increments', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }, { size: SIZE }] });
  await lab.write('vm', 1, MIB, pattern(MIB, 1));
  const without = await backup(lab, store, 'vm', { excludeDisks: ['1'] });
  assert.deepEqual(
    without.manifest.excluded.map((each) => each.why),
    ['asked'],
  );
  assert.equal(without.manifest.disks.length, 1);
  await lab.write('vm', 0, MIB, pattern(512, 2));
  const { manifest } = await backup(lab, store, 'vm');
  assert.deepEqual(
    manifest.disks.map((disk) => [disk.kind, disk.reason.code]),
    [
      ['incr', 'incremental'],
      ['full', 'disk.new'],
    ],
  );
  await assertLatestRestores(lab, store, 2);
});

test('a VM with user checkpoints, and one that is off, are backed up; the checkpoints stay', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }] });
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  await lab.ask('checkpoint-create', { vm: 'vm' });
  await lab.write('vm', 0, 2 * MIB, pattern(MIB, 2));
  await backup(lab, store, 'vm');
  await assertLatestRestores(lab, store, 1);
  await lab.ask('checkpoint-create', { vm: 'vm' });
  await lab.write('vm', 0, 3 * MIB, pattern(MIB / 2, 3));
  const second = await backup(lab, store, 'vm');
  assert.equal(second.manifest.kind, 'incr', second.manifest.reason.text);
  await assertLatestRestores(lab, store, 1);
  await lab.ask('set-state', { vm: 'vm', state: 'off' });
  const third = await backup(lab, store, 'vm', { consistency: 'default' });
  assert.equal(third.manifest.kind, 'incr');
  assert.deepEqual(third.manifest.consistency, { asked: 'default', achieved: 'crash' });
  await assertLatestRestores(lab, store, 1);
  const { checkpoints } = await lab.host.findVm('vm', never);
  assert.deepEqual(
    checkpoints.map((each) => each.type),
    ['user', 'user'],
  );
});

test('where the guest cannot be made consistent the point says so; asked for by name, the run fails', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }] });
  await lab.fault('consistency.fail');
  const { manifest } = await backup(lab, store, 'vm', { consistency: 'default' });
  assert.equal(manifest.consistency.achieved, 'crash');
  assert.ok(manifest.warnings.some((each) => each.code === 'consistency.crash'));
  await assert.rejects(backup(lab, store, 'vm', { consistency: 'application' }), (error: unknown) =>
    isEngineError(error, 'host.consistency'),
  );
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual(vm.checkpoints, []);
  assert.equal((await listPoints(store, vm.id, never)).length, 1);
});

test('two stores of one VM take turns for six rounds, and neither touches what is not its own', async (t) => {
  const lab = await startBackupLab(t);
  const stores = [await openTestStore(lab, 'a'), await openTestStore(lab, 'b')];
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const vmId = await vmIdOf(lab);
  const foreign = await lab.ask('reference-point-create', { vm: 'vm', consistency: 'crash' });
  const expected: { store: Store; id: string; hash: string }[] = [];
  for (let round = 0; round < 6; round++) {
    await lab.write('vm', 0, (round % 4) * MIB + 512 * round, pattern(3072, round));
    const hash = await lab.guestHash('vm', 0);
    const store = stores[round % 2];
    assert.ok(store !== undefined);
    const { manifest } = await backup(lab, store, 'vm', { method: round < 4 ? 'file' : 'export' });
    assert.equal(manifest.kind, round < 2 ? 'full' : 'incr', manifest.reason.text);
    expected.push({ store, id: manifest.id, hash });
    const points = (await lab.host.listReferencePoints(vmId, never)).map((each) => each.id);
    assert.equal(points.length, round === 0 ? 2 : 3, 'one for each store, and the foreign one');
    assert.ok(points.includes(foreign.id));
  }
  for (const { store, id, hash } of expected) {
    assert.equal((await restoredHashes(lab, store, vmId, id))[0], hash, id);
  }
  for (const store of stores) {
    assert.deepEqual(await clean(lab, store, vmId), []);
    assert.deepEqual(await verifyErrors(store, vmId), []);
  }
});

test('clean with dry-run says what it would do, and does nothing', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }] });
  const vmId = await vmIdOf(lab);
  const env = { ...lab.command.env, REFPOINT_KILL_AT: 'data.written' };
  const args = ['backup', 'vm', '--store', store.location, '--consistency', 'crash'];
  const child = startRefpoint([...args, ...lab.command.options], { env });
  await once(child, 'close');
  const would = await clean(lab, store, vmId, true);
  assert.deepEqual(would.map((item) => item.kind).sort(), ['checkpoint', 'point']);
  assert.equal((await lab.host.listCheckpoints(vmId, never)).length, 1);
  assert.deepEqual(await clean(lab, store, vmId), would);
  assert.deepEqual(await lab.host.listCheckpoints(vmId, never), []);
  assert.deepEqual(await listPoints(store, vmId, never), []);
});

test('a store that is full or fails in the middle commits nothing, and the next run works', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }] });
  await lab.write('vm', 0, MIB, pattern(2 * MIB, 1));
  const vmId = await vmIdOf(lab);
  const first = await backup(lab, store, 'vm');
  await lab.write('vm', 0, 2 * MIB, pattern(MIB, 2));
  for (const only of [/part\.write .*\.avhdx/, /part\.complete .*hashes/, /createAbsent .*chain/]) {
    const { store: failing, failed } = faultyStore(store, {
      at: 1,
      when: 'before',
      dead: false,
      only,
    });
    await assert.rejects(backup(lab, failing, 'vm'), (error: unknown) =>
      isEngineError(error, 'source.fault'),
    );
    assert.ok(failed(), `${String(only)} was met`);
    const points = await listPoints(store, vmId, never);
    assert.deepEqual(
      points.map((each) => each.id),
      [first.manifest.id],
      'nothing partial is left',
    );
    const vm = await lab.host.findVm('vm', never);
    assert.deepEqual(vm.checkpoints, []);
    assert.deepEqual(await verifyErrors(store, vmId), []);
  }
  const { manifest } = await backup(lab, store, 'vm');
  await assertLatestRestores(lab, store, 1);
  assert.deepEqual(await verifyErrors(store, vmId), []);
  assert.equal(manifest.disks[0]?.virtualSize, SIZE);
});

test('a store without room is told before anything is written', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }] });
  await lab.write('vm', 0, MIB, pattern(2 * MIB, 1));
  const small = new Proxy(store, {
    get: (object, key) => {
      if (key === 'freeBytes') return async () => 65 * MIB;
      const value: unknown = Reflect.get(object, key, object);
      return typeof value === 'function' ? (value.bind(object) as unknown) : value;
    },
  });
  await assert.rejects(backup(lab, small, 'vm'), (error: unknown) =>
    isEngineError(error, 'store.space'),
  );
  assert.deepEqual((await lab.host.findVm('vm', never)).checkpoints, []);
});

test('--plan says what a run would be, and makes nothing', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }] });
  const store = join(lab.folder, 'planned');
  const args = ['backup', 'vm', '--store', store, ...lab.command.options];
  const { env } = lab.command;
  interface Plan {
    readonly kind: string;
    readonly reason: { readonly code: string };
    readonly warnings: readonly { readonly code: string }[];
    readonly methods: readonly {
      readonly method: string;
      readonly possible: boolean;
      readonly code: string | null;
      readonly folders: readonly string[];
    }[];
  }
  const plan = await runCliJson<Plan>([...args, '--plan'], { env });
  assert.equal(plan.kind, 'full');
  assert.equal(plan.reason.code, 'first');
  assert.deepEqual(plan.warnings, []);
  assert.deepEqual(
    plan.methods.map(({ method, possible }) => [method, possible]),
    [
      ['virtdisk', false],
      ['file', true],
      ['smb', false],
      ['export', false],
    ],
  );
  const elsewhere = args.map((each) => each.replace(/^C:\\Lab=/, 'D:\\='));
  const unmapped = await runCliJson<Plan>([...elsewhere, '--plan'], { env });
  assert.deepEqual(
    unmapped.warnings.map(({ code }) => code),
    ['path.unmapped'],
    'a path that the run could not open is told',
  );
  const byFile = unmapped.methods.find(({ method }) => method === 'file');
  assert.deepEqual([byFile?.possible, byFile?.code], [false, 'path.unmapped']);
  assert.deepEqual(byFile?.folders.length, 1, 'the folder to map is named');
  const other = elsewhere.map((each) => (each === store ? `${store}-other` : each));
  const said = await runCli(other, { env });
  assert.equal(said.status, 3);
  assert.match(said.err, /--path-map "C:\\/, 'the command line says what to give');
  assert.deepEqual(await readdir(store).catch(() => []), []);
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual([vm.checkpoints, vm.referencePoints], [[], []]);
});

test('of several commands that back up one VM into one store at once, one does and the others say who', async (t) => {
  const lab = await startBackupLab(t);
  const made = await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }] });
  const store = await openTestStore(lab);
  await lab.fault('job.slow', 800);
  const args = ['backup', 'vm', '--store', store.location, '--json', ...lab.command.options];
  const { env } = lab.command;
  const runs = await Promise.all([1, 2, 3].map(() => refpoint(args, { env })));
  const won = runs.filter(({ status }) => status === 0);
  // Where the machine is so busy that one starts after another has ended, both may do it.
  assert.ok(won.length > 0, runs.map(({ stdout }) => stdout).join(''));
  for (const { status, stdout } of runs.filter((run) => !won.includes(run))) {
    assert.equal(status, 3);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    assert.equal(error.code, 'lease.held', error.message);
    assert.match(error.message, /process \d+/);
  }
  await lab.clearFaults();
  assert.deepEqual(await verifyErrors(store, made.id as Guid), []);
  assert.equal((await listPoints(store, made.id as Guid, never)).length, won.length);
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual([vm.checkpoints.length, vm.referencePoints.length], [0, 1]);
});

test('Ctrl-C ends a backup with 130 and leaves nothing behind', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }] });
  const vmId = await vmIdOf(lab);
  await lab.fault('job.slow', 400);
  const args = ['backup', 'vm', '--store', store.location, ...lab.command.options];
  const child = startRefpoint(args, { env: lab.command.env });
  const closed = once(child, 'close') as Promise<[number | null]>;
  // Once the run has something to take back.
  while ((await listPoints(store, vmId, never)).length === 0) {
    assert.equal(child.exitCode, null);
    await delay(20, never);
  }
  child.kill('SIGINT');
  assert.deepEqual((await closed)[0], process.platform === 'win32' ? null : 130);
  await lab.clearFaults();
  if (process.platform === 'win32') await clean(lab, store, vmId);
  assert.deepEqual(await listPoints(store, vmId, never), []);
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual([vm.checkpoints, vm.referencePoints], [[], []]);
});

test('a host that is lost in the middle leaves the chain whole; when it is back, the next run works', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await startLabProcess(join(folder, 'lab'), ['--job-delay', '0']);
  afterwards(t, () => first.stop());
  await runCliJson(['lab', 'add-vm', '--dir', first.dir, '--name', 'vm', '--size', '8M']);
  const store = join(folder, 'store');
  const args = ['backup', 'vm', '--store', store, '--consistency', 'crash'];
  const run = { env: first.env };
  await runCliJson([...args, ...first.hostOptions, ...first.pathMapOptions], run);
  const write = ['lab', 'write', '--dir', first.dir, '--vm', 'vm', '--disk', '0'];
  await runCliJson([...write, '--random', '5', '--seed', '3']);
  await runCliJson(['lab', 'fault', '--dir', first.dir, '--set', 'answer.hold=60000']);
  const child = startRefpoint([...args, ...first.hostOptions, ...first.pathMapOptions], run);
  const closed = once(child, 'close') as Promise<[number | null]>;
  // What the lab has in memory alone is gone with its process: the checkpoint must be in its file.
  for (;;) {
    const state = await readFile(join(first.dir, 'lab-state.json'), 'utf8');
    const { vms } = JSON.parse(state) as { vms: { checkpoints: unknown[] }[] };
    if (vms[0]?.checkpoints.length === 1) break;
    await delay(20, never);
  }
  first.process.kill('SIGKILL');
  assert.equal((await closed)[0], 3);
  await runCliJson(['verify', '--store', store]);

  const again = await startLabProcess(join(folder, 'lab'), ['--job-delay', '0']);
  afterwards(t, () => again.stop());
  const next = await runCliJson<{ cleaned: { kind: string }[] }>(
    [...args, ...again.hostOptions, ...again.pathMapOptions],
    { env: again.env },
  );
  assert.ok(next.cleaned.some((item) => item.kind === 'checkpoint'));
  const { points } = await runCliJson<{ points: { ok: boolean }[] }>(['verify', '--store', store]);
  assert.deepEqual(
    points.map((each) => each.ok),
    [true, true],
  );
});
