import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { restorePoint } from '../../../src/engine/backup/restore/restore.ts';
import { listPoints } from '../../../src/engine/backup/points/catalog.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import { planSetDocument } from '../../../src/engine/operations/vm/plan-set.ts';
import {
  backup,
  clean,
  openTestStore,
  pattern,
  restoredHashes,
} from '../../support/backup/backup-lab.ts';
import {
  backUpSet,
  powershellOr,
  SMALL,
  startVssLab,
  type VssLab,
} from '../../support/vss/vss-lab.ts';

const MIB = 2 ** 20;

const folders = (lab: VssLab): Promise<string[]> =>
  readdir(join(lab.folder, 'lab', 'windows', 'ProgramData'));

test('a point of shadow copies lies beside the chain, and is read through AutoRecovery', async (t) => {
  const powershell = powershellOr(t);
  if (powershell === undefined) return;
  const lab = await startVssLab(t, powershell, ['a', 'other']);
  const store = await openTestStore(lab);
  const [vm] = lab.vms;
  assert.ok(vm !== undefined);
  await lab.write('a', 0, MIB, pattern(4096, 1));
  const full = await backup(lab, store, 'a');
  const { referencePoint } = full.manifest;
  assert.ok(referencePoint !== null);
  const plan = await planSetDocument(lab.shadowed, [vm.id], {}, never);
  assert.deepEqual(
    plan.volumes.map(({ name }) => name),
    ['C:\\', 'D:\\'],
  );
  assert.deepEqual(
    [plan.others.map(({ name }) => name), plan.problems[0]?.code],
    [['other'], 'vss.others'],
  );
  await assert.rejects(backUpSet(lab, store, [vm]), { code: 'vss.others' });
  assert.deepEqual(await folders(lab), []);
  await lab.write('a', 1, 2 * MIB, pattern(4096, 2));
  await lab.fault('vss.autoRecovery', 'beside', 1);
  await lab.fault('vss.saved', 'other');
  const { points, failed } = await backUpSet(lab, store, [vm], { allowOthers: true });
  assert.deepEqual(failed, []);
  const [point] = points;
  assert.ok(point !== undefined);
  assert.ok(point.manifest.warnings.some(({ code }) => code === 'vss.saved'));
  const to = join(lab.folder, 'restored');
  const options = {
    vmId: vm.id,
    point: point.manifest.id,
    disks: [],
    to,
    format: 'raw',
    force: false,
  };
  for (const { file } of (await restorePoint(store, options, noProgress, never)).disks) {
    const end = (await readFile(file)).subarray(SMALL - 4096);
    assert.equal(end.subarray(0, 12).toString(), 'recovered by');
  }
  const listed = await lab.host.listReferencePoints(vm.id, never);
  assert.deepEqual(
    listed.map(({ id }) => id),
    [referencePoint.id],
  );
  const next = await backup(lab, store, 'a');
  assert.deepEqual([next.manifest.kind, next.manifest.parent], ['incr', full.manifest.id]);
});

test('disks are read where a writer left them, and one VM that cannot be copied fails alone', async (t) => {
  const powershell = powershellOr(t);
  if (powershell === undefined) return;
  const lab = await startVssLab(t, powershell, ['kept']);
  const store = await openTestStore(lab);
  const [kept] = lab.vms;
  assert.ok(kept !== undefined);
  await lab.ask('checkpoint-create', { vm: 'kept' });
  await lab.write('kept', 0, MIB, pattern(4096, 3));
  const hash = await lab.guestHash('kept', 0);
  const { id } = await lab.ask('add-vm', { name: 'raw', disks: [{ passthrough: true }] });
  const both = [kept, { id: id as never, name: 'raw' }];
  await lab.fault('vss.autoRecovery', 'missing', 1);
  const { points, failed } = await backUpSet(lab, store, both);
  assert.deepEqual(
    failed.map(({ vm, error }) => [vm.name, (error as { code?: string }).code]),
    [['raw', 'vss.place']],
  );
  assert.deepEqual(
    points.map(({ manifest }) => manifest.vm.name),
    ['kept'],
  );
  const hashes = await restoredHashes(lab, store, kept.id, points[0]?.manifest.id ?? '');
  assert.equal(hashes[0], hash);
  // Copies that Windows drops during the copying prove nothing.
  const onEdge = async (edge: string): Promise<void> => {
    if (edge !== 'data.written') return;
    for (const { id: copy } of await lab.ask('shadow-list', {})) {
      await lab.ask('shadow-remove', { id: copy });
    }
  };
  const gone = await backUpSet(lab, store, [kept], { allowOthers: true, onEdge });
  assert.deepEqual(
    [gone.points.length, gone.failed.map(({ error }) => (error as { code?: string }).code)],
    [0, ['vss.storage']],
  );
  assert.equal((await listPoints(store, kept.id, never)).length, 1);
  assert.deepEqual([await folders(lab), await lab.ask('shadow-list', {})], [[], []]);
});

test('a failed set is tried three times, and a cancelled one is found again', async (t) => {
  const powershell = powershellOr(t);
  if (powershell === undefined) return;
  const lab = await startVssLab(t, powershell, ['one']);
  const store = await openTestStore(lab);
  const [vm] = lab.vms;
  assert.ok(vm !== undefined);
  const told: string[] = [];
  await lab.fault('vss.writer', 'freeze:0x800423F3', 1);
  const log = ({ message }: { message: string }): void => void told.push(message);
  const second = await backUpSet(lab, store, [vm], { log });
  assert.equal(second.points.length, 1);
  assert.ok(told.some((text) => /^Waiting .* for try 2 of 3/.test(text)));
  const stop = new AbortController();
  await lab.fault('vss.hold', 'create');
  const run = backUpSet(lab, store, [vm], { signal: stop.signal });
  run.catch(() => undefined);
  const held = async (): Promise<boolean> =>
    'vss.hold' in (await lab.ask('fault-list', {})).occurred;
  while (!(await held())) await new Promise((resolve) => setTimeout(resolve, 20));
  const began = performance.now();
  stop.abort(new Error('cancelled'));
  await assert.rejects(run, /cancelled/);
  const took = performance.now() - began;
  // diskshadow runs on behind the cancelled job and makes its set.
  await lab.clearFaults();
  while ((await lab.ask('shadow-list', {})).length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const foreign = await lab.ask('shadow-create', {});
  const items = await clean({ ...lab, host: lab.shadowed }, store, vm.id);
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ['shadowSet'],
  );
  assert.deepEqual(
    (await lab.ask('shadow-list', {})).map(({ id }) => id),
    [foreign.id],
  );
  assert.deepEqual(await folders(lab), []);
  // Less than two seconds on a quiet computer.
  assert.ok(took < 15_000, `cancelled after ${took} ms`);
});
