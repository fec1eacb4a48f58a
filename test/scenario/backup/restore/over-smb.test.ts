import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { toLocalPath } from '../../../../src/engine/backup/host/path-map.ts';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { cleanVm } from '../../../../src/engine/backup/recovery/clean.ts';
import { OVER_EDGES, SETTLE_EDGES } from '../../../../src/engine/backup/restore/over/over-edges.ts';
import type { OverOptions } from '../../../../src/engine/backup/restore/over/over-options.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import {
  planRestoreOver,
  previewRestoreOver,
} from '../../../../src/engine/operations/vm/plan-over.ts';
import {
  backup,
  openTestStore,
  pattern,
  runDeps,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import type { BackedUpVm } from '../../../support/backup/import-lab.ts';
import {
  accept,
  attachedFiles,
  fileHashes,
  filledVm,
  guestHashes,
  over,
  overOptions,
  ownBytes,
  turnOff,
  undo,
} from '../../../support/backup/over-lab.ts';
import { ALL_CASES } from '../../../support/process/all-cases.ts';
import { refpoint } from '../../../support/process/command.ts';

const MIB = 2 ** 20;
const UNIT = 65_536;
const MINUTE = 61_000;

interface Ready {
  readonly lab: BackupLab;
  readonly store: Store;
  readonly vm: BackedUpVm;
  /** Nothing of the host is mapped to a folder of this machine. */
  readonly options: OverOptions;
  readonly files: readonly string[];
  readonly bytes: readonly string[];
  readonly hashes: readonly string[];
}

/** A VM with two points whose guest wrote on since, which is off, and whose files only SMB reaches. */
async function ready(t: TestContext): Promise<Ready> {
  const lab = await startBackupLab(t, { smb: true });
  const store = await openTestStore(lab);
  const vm = await filledVm(lab, store, 'web');
  await lab.write('web', 0, 2 * MIB + UNIT + 100, pattern(300, 3));
  await lab.write('web', 0, 20 * MIB, pattern(UNIT, 4));
  await turnOff(lab, 'web');
  const files = await attachedFiles(lab, 'web');
  const hashes = await guestHashes(lab, 'web');
  const options = overOptions(lab, vm, { point: vm.points[0]?.id ?? '', pathMap: [] });
  return { lab, store, vm, options, files, bytes: await fileHashes(lab, files), hashes };
}

const local = ({ lab }: Pick<Ready, 'lab'>, file = ''): string =>
  toLocalPath(file, lab.pathMap, false).path;

async function assertNoLeftovers(given: Ready): Promise<void> {
  const names = await readdir(dirname(local(given, given.files[0])));
  const left = names.filter((name) => name.includes('restored') || name.startsWith('.'));
  assert.deepEqual(left, []);
}

/** Asserts that the VM has the disks of before, and that nothing else is left of a restore. */
async function assertUntouched(given: Ready): Promise<void> {
  const { lab, store, vm, files, bytes, hashes } = given;
  assert.deepEqual(await attachedFiles(lab, 'web'), files);
  assert.deepEqual(await fileHashes(lab, files), bytes, 'the old files changed');
  assert.deepEqual(await guestHashes(lab, 'web'), hashes);
  const { overs, sessions } = await storeLedger(store, vm.id).load(never);
  assert.deepEqual([overs, sessions], [undefined, undefined]);
  await assertNoLeftovers(given);
}

test('without a path map the differing parts are read and written over SMB, and the undo gives the old disks back', async (t) => {
  const given = await ready(t);
  const { lab, store, vm, options, files, bytes } = given;
  const differ = [4 * UNIT, 2 * UNIT];
  const deps = { host: lab.host, store, progress: noProgress, now: Date.now };
  const plan = await planRestoreOver(deps, options, never);
  assert.deepEqual(
    plan.disks.map(({ way, why, writtenBytes }) => [way, why, writtenBytes]),
    differ.map((each) => ['differing', null, each]),
  );
  const preview = await previewRestoreOver(deps, 'web', options, never);
  assert.deepEqual(preview.findings, []);
  assert.equal(preview.writtenBytes, plan.disks[0] && differ[0] && 6 * UNIT);
  await assertUntouched(given);
  const { disks } = await over(lab, store, options);
  assert.deepEqual(await guestHashes(lab, 'web'), vm.points[0]?.hashes);
  const fresh = await attachedFiles(lab, 'web');
  assert.deepEqual(
    fresh,
    disks.map(({ path }) => path),
  );
  for (const [at, file] of fresh.entries()) {
    const { data, zero } = await ownBytes(lab, file);
    assert.equal(data + zero, differ[at], file);
  }
  assert.deepEqual(await fileHashes(lab, files), bytes, 'the old files changed');
  assert.equal((await storeLedger(store, vm.id).load(never)).sessions, undefined);
  await lab.ask('set-state', { vm: 'web', state: 'running' });
  await lab.write('web', 0, 0, pattern(UNIT, 9));
  await turnOff(lab, 'web');
  const undone = await undo(lab, store, options);
  assert.deepEqual(
    undone.removed,
    disks.map(({ path }) => path),
  );
  await assertUntouched(given);
});

test('accepted over SMB, the parts are merged into the old files, and the next backup is a full', async (t) => {
  const given = await ready(t);
  const { lab, store, options, files } = given;
  await over(lab, store, options);
  await lab.ask('set-state', { vm: 'web', state: 'running' });
  await lab.write('web', 1, 0, pattern(UNIT, 9));
  await turnOff(lab, 'web');
  const now = await guestHashes(lab, 'web');
  await accept(lab, store, options);
  assert.deepEqual(await attachedFiles(lab, 'web'), files);
  assert.deepEqual(await guestHashes(lab, 'web'), now);
  await assertNoLeftovers(given);
  await lab.ask('set-state', { vm: 'web', state: 'running' });
  const { manifest } = await backup(lab, store, 'web');
  assert.equal(manifest.disks[0]?.reason.code, 'disk.restored');
});

test('accepting over SMB refuses while another image needs the old file', async (t) => {
  const given = await ready(t);
  const { lab, store, options } = given;
  const { disks } = await over(lab, store, options);
  const child = local(given, disks[0]?.path);
  const copy = join(dirname(child), 'somebody.vhdx');
  await writeFile(copy, await readFile(child));
  await assert.rejects(accept(lab, store, options), { code: 'disk.edit.children' });
  assert.deepEqual(
    await attachedFiles(lab, 'web'),
    disks.map(({ path }) => path),
  );
});

test('a resized disk is written as a whole over SMB; accepting removes the old file', async (t) => {
  const given = await ready(t);
  const { lab, store, vm, files } = given;
  await lab.ask('resize', { vm: 'web', disk: 1, size: 16 * MIB });
  const options = { ...given.options, disks: ['1'] };
  const { disks } = await over(lab, store, options);
  assert.equal(disks[0]?.way, 'whole');
  assert.equal(await lab.guestHash('web', 1), vm.points[0]?.hashes[1]);
  assert.deepEqual((await accept(lab, store, options)).removed, [files[1]]);
  assert.equal(await lab.guestHash('web', 1), vm.points[0]?.hashes[1]);
});

test('without room on the share nothing is written, and a full one leaves the old disks', async (t) => {
  const given = await ready(t);
  const { lab, store, options } = given;
  await lab.fault('smb.space', 4096);
  const deps = { host: lab.host, store, progress: noProgress, now: Date.now };
  const { findings } = await previewRestoreOver(deps, 'web', options, never);
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['restore.space'],
  );
  await assert.rejects(over(lab, store, options), (error) => {
    assert.ok(isEngineError(error, 'restore.space'), String(error));
    assert.equal(error.data['free'], 4096);
    return true;
  });
  await lab.clearFaults();
  await assertUntouched(given);
  const onEdge = async (edge: string): Promise<void> => {
    if (edge === 'over.recorded') await lab.fault('smb.space', 0);
  };
  await assert.rejects(over(lab, store, options, { onEdge }), /disk of the server is full/);
  await lab.clearFaults();
  await assertUntouched(given);
});

test('a name that somebody takes, an old file that changes and a cancellation leave the old disks', async (t) => {
  const given = await ready(t);
  const { lab, store, options, files } = given;
  const time = Date.now();
  const deps = { host: lab.host, store, progress: noProgress, now: () => time };
  const plan = await planRestoreOver(deps, options, never);
  const taken = local(given, plan.disks[1]?.path);
  const at = (edge: string, act: () => Promise<unknown>) => ({
    now: () => time,
    onEdge: async (each: string) => void (each === edge && (await act())),
  });
  const inTheWay = at('over.recorded', () => writeFile(taken, 'mine'));
  await assert.rejects(over(lab, store, options, inTheWay), { code: 'restore.exists' });
  assert.equal(await readFile(taken, 'utf8'), 'mine', 'it is not ours to remove');
  const { overs } = await storeLedger(store, options.vmId).load(never);
  assert.equal(overs, undefined);
  await assert.rejects(planRestoreOver(deps, options, never), { code: 'restore.exists' });
  for (const phase of ['Comparing', 'Restoring', 'Reading back']) {
    const stop = new AbortController();
    let is = false;
    const progress = {
      ...noProgress,
      phase: (name: string) => void (is = name.startsWith(phase)),
      advance: () => void (is && stop.abort()),
    };
    const later = { progress, now: () => time + 10_000 };
    await assert.rejects(over(lab, store, options, later, stop.signal), { name: 'AbortError' });
    assert.deepEqual(await fileHashes(lab, files), given.bytes);
  }
  const names = await readdir(dirname(taken));
  assert.deepEqual(
    names.filter((name) => name.includes('restored') || name.startsWith('.')),
    [taken.slice(dirname(taken).length + 1)],
  );
  const old = local(given, files[0]);
  const written = at('over.written', async () => writeFile(old, await readFile(old)));
  const changed = { ...written, now: () => time + 20_000 };
  await assert.rejects(over(lab, store, options, changed), { code: 'disk.source.changed' });
  assert.deepEqual(await attachedFiles(lab, 'web'), files);
});

test('a lost connection is made again while disks are written, and ends a merge, which is done again', async (t) => {
  const given = await ready(t);
  const { lab, store, vm, options } = given;
  for (const k of [3, 10, 20]) {
    const onEdge = async (edge: string): Promise<void> => {
      if (edge === 'over.recorded') await lab.fault('smb.drop', undefined, 1, k);
    };
    await over(lab, store, options, { onEdge });
    assert.deepEqual(await guestHashes(lab, 'web'), vm.points[0]?.hashes);
    await undo(lab, store, options);
    await assertUntouched(given);
  }
  await over(lab, store, options);
  for (const k of [12, 18, 30]) {
    const onEdge = async (edge: string): Promise<void> => {
      if (edge === 'accept.recorded') await lab.fault('smb.drop', undefined, 1, k);
    };
    const failed = await accept(lab, store, options, { onEdge }).then(
      () => false,
      (error: unknown) => isEngineError(error),
    );
    await lab.clearFaults();
    await cleanLater(given);
    assert.deepEqual(await guestHashes(lab, 'web'), vm.points[0]?.hashes, `${failed}`);
    assert.equal((await storeLedger(store, vm.id).load(never)).overs, undefined);
    await assertNoLeftovers(given);
    await lab.ask('set-state', { vm: 'web', state: 'running' });
    await lab.write('web', 0, MIB, pattern(300, k));
    await turnOff(lab, 'web');
    await over(lab, store, options);
  }
});

/** Cleans as somebody does a minute later, without a path map. */
async function cleanLater({ lab, store, vm }: Ready, dryRun = false): Promise<void> {
  const deps = runDeps(lab, store, { now: () => Date.now() + MINUTE });
  await cleanVm(deps, vm.id, { pathMap: [], dryRun }, never);
}

/** Edges after which the VM has the new disks. */
const NEW: ReadonlySet<string> = new Set(['over.started', 'over.attached', 'over.finished']);

test('killed at any edge over SMB, clean leaves all old disks or all new ones', async (t) => {
  const given = await ready(t);
  const { lab, store, vm, options } = given;
  const bare = lab.command.options.filter(
    (word, at, all) => word !== '--path-map' && all[at - 1] !== '--path-map',
  );
  const kill = async (edge: string, words: readonly string[]): Promise<void> => {
    const command = ['restore', '--store', store.location, ...words, '--confirm', vm.id];
    const env = { ...lab.command.env, REFPOINT_KILL_AT: edge };
    const killed = await refpoint([...command, ...bare], { env });
    assert.notEqual(killed.status, 0, `${edge}: ${killed.stdout}${killed.stderr}`);
    const before = await storeLedger(store, vm.id).load(never);
    await cleanLater(given, true);
    assert.deepEqual(await storeLedger(store, vm.id).load(never), before);
    await cleanLater(given);
  };
  // restore-over-faults has all of them, with the disks reached by a path map.
  for (const edge of OVER_EDGES.filter((_, i) => ALL_CASES || i % 2 === 0)) {
    await t.test(edge, async () => {
      await kill(edge, ['--vm', vm.id, '--point', options.point, '--over', vm.id]);
      const { overs } = await storeLedger(store, vm.id).load(never);
      // The host may have attached the disks before the process died.
      if (edge === 'over.started' ? overs === undefined : !NEW.has(edge)) {
        await assertUntouched(given);
        return;
      }
      assert.equal(overs?.[0]?.phase, 'attached');
      assert.deepEqual(await guestHashes(lab, 'web'), vm.points[0]?.hashes);
      await undo(lab, store, options);
      await assertUntouched(given);
    });
  }
  for (const edge of SETTLE_EDGES.filter((_, i) => ALL_CASES || i % 2 === 0)) {
    await t.test(edge, async () => {
      await over(lab, store, options);
      const isUndo = edge.startsWith('undo');
      await kill(edge, [isUndo ? '--undo' : '--accept', vm.id]);
      if (isUndo) return assertUntouched(given);
      assert.deepEqual(await attachedFiles(lab, 'web'), given.files);
      assert.deepEqual(await guestHashes(lab, 'web'), vm.points[0]?.hashes);
      assert.equal((await storeLedger(store, vm.id).load(never)).overs, undefined);
      await assertNoLeftovers(given);
      // Something to restore for the next edge.
      await lab.ask('set-state', { vm: 'web', state: 'running' });
      for (const disk of [0, 1]) await lab.write('web', disk, MIB, pattern(300, edge.length));
      await turnOff(lab, 'web');
    });
  }
});
