import assert from 'node:assert/strict';
import { appendFile, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { toLocalPath } from '../../../../src/engine/backup/host/path-map.ts';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { OVER_EDGES } from '../../../../src/engine/backup/restore/over/over-edges.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { cleanVm } from '../../../../src/engine/backup/recovery/clean.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { machine } from '../../../../src/engine/source/platform/file-environment.ts';
import {
  clean,
  openTestStore,
  pattern,
  runDeps,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import type { BackedUpVm } from '../../../support/backup/import-lab.ts';
import {
  attachedFiles,
  fileHashes,
  filledVm,
  guestHashes,
  over,
  overOptions,
  turnOff,
  undo,
} from '../../../support/backup/over-lab.ts';
import { refpoint } from '../../../support/process/command.ts';

const MIB = 2 ** 20;
const MINUTE = 61_000;

/** Cleans as somebody does a minute later. */
const cleanLater = async ({ lab, store, vm }: Ready, dryRun = false): Promise<void> => {
  const deps = runDeps(lab, store, { now: () => Date.now() + MINUTE });
  await cleanVm(deps, vm.id, { pathMap: lab.pathMap, dryRun }, never);
};

interface Ready {
  readonly lab: BackupLab;
  readonly store: Store;
  readonly vm: BackedUpVm;
  readonly files: readonly string[];
  readonly bytes: readonly string[];
  readonly hashes: readonly string[];
}

/** A VM with two points, which is off, and whose second disk is at the latest of them. */
async function ready(t: TestContext): Promise<Ready> {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vm = await filledVm(lab, store, 'web');
  await lab.write('web', 0, 20 * MIB, pattern(65_536, 4));
  await turnOff(lab, 'web');
  const files = await attachedFiles(lab, 'web');
  const hashes = await guestHashes(lab, 'web');
  return { lab, store, vm, files, bytes: await fileHashes(lab, files), hashes };
}

const local = ({ lab }: Ready, file = ''): string => toLocalPath(file, lab.pathMap, false).path;

/** Asserts that the VM has the disks of before, and that nothing else is left of a restore. */
async function assertUntouched(given: Ready): Promise<void> {
  const { lab, store, vm, files, bytes, hashes } = given;
  assert.deepEqual(await attachedFiles(lab, 'web'), files);
  assert.deepEqual(await fileHashes(lab, files), bytes, 'the old files changed');
  assert.deepEqual(await guestHashes(lab, 'web'), hashes);
  assert.equal((await storeLedger(store, vm.id).load(never)).overs, undefined);
  await assertNoLeftovers(given);
}

async function assertNoLeftovers(given: Ready): Promise<void> {
  const names = await readdir(dirname(local(given, given.files[0])));
  const left = names.filter((name) => name.includes('restored') || name.startsWith('.'));
  assert.deepEqual(left, []);
}

test('a VM that is not ready, or not confirmed, keeps its disks', async (t) => {
  const given = await ready(t);
  const { lab, store, vm } = given;
  const options = overOptions(lab, vm);
  const refuses = (change: Parameters<typeof overOptions>[2], code: string): Promise<void> =>
    assert.rejects(over(lab, store, { ...options, ...change }), { code });
  await refuses({ confirm: 'web' }, 'over.confirm');
  await refuses({ confirm: '0d7f3b5e-0000-4000-8000-000000000000' }, 'over.confirm');
  // In Wine this computer is the lab's host, whose paths need no map.
  if (process.platform !== 'win32') await refuses({ pathMap: [] }, 'path.unmapped');
  await assert.rejects(undo(lab, store, options), { code: 'over.none' });
  for (const state of ['running', 'saved'] as const) {
    await lab.ask('set-state', { vm: 'web', state: 'running' });
    await lab.ask('set-state', { vm: 'web', state });
    await refuses({}, 'over.state');
  }
  await turnOff(lab, 'web');
  const { id } = await lab.ask('checkpoint-create', { vm: 'web' });
  await refuses({}, 'over.checkpoints');
  await lab.ask('checkpoint-remove', { vm: 'web', id });
  await lab.host.waitForMerge(vm.id, { seconds: 20 }, never);
  assert.deepEqual(await guestHashes(lab, 'web'), given.hashes);
  assert.deepEqual(await attachedFiles(lab, 'web'), given.files);
  await assertNoLeftovers(given);
});

test('another disk at the slot, a shared one and a missing one are refused, each by its slot', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vm = await filledVm(lab, store, 'web');
  await turnOff(lab, 'web');
  const refused = async (): Promise<void> => {
    await assert.rejects(over(lab, store, overOptions(lab, vm)), (error) => {
      assert.ok(isEngineError(error, 'over.disk'), String(error));
      assert.equal(error.data['slot'], vm.slots[1]);
      return true;
    });
  };
  await lab.ask('replace', { vm: 'web', disk: 1, with: { size: 12 * MIB } });
  await refused();
  await lab.ask('detach', { vm: 'web', disk: 1 });
  await refused();
  const disk = { size: 12 * MIB };
  await lab.ask('add-shared-disk', { name: 'shared', vms: ['web'], format: 'vhdx', disk });
  await refused();
});

test('a failure or a change at any edge leaves the old disks', async (t) => {
  const given = await ready(t);
  const { lab, store, vm } = given;
  const options = overOptions(lab, vm, { point: vm.points[0]?.id ?? '' });
  const at = (edge: string, act: () => Promise<unknown>) => ({
    onEdge: async (each: string) => void (each === edge && (await act())),
  });
  const fail = async (): Promise<never> => {
    throw new Error('cancelled here');
  };
  for (const edge of ['over.recorded', 'over.written', 'over.asked']) {
    await assert.rejects(over(lab, store, options, at(edge, fail)), /cancelled here/);
    await assertUntouched(given);
  }
  // The host says no, and its job fails.
  const failing = at('over.asked', () => lab.fault('job.fail', 32768, 1));
  await assert.rejects(over(lab, store, options, failing), { code: 'host.job.failed' });
  await assertUntouched(given);
  // Somebody starts the VM while the disks are written.
  const started = at('over.written', () => lab.ask('set-state', { vm: 'web', state: 'running' }));
  await assert.rejects(over(lab, store, options, started), { code: 'over.state' });
  await turnOff(lab, 'web');
  await assertUntouched(given);
  // A program writes to an old disk before the new ones are attached.
  const written = at('over.written', () => appendFile(local(given, given.files[0]), 'x'));
  await assert.rejects(over(lab, store, options, written), { code: 'disk.source.changed' });
  assert.deepEqual(await attachedFiles(lab, 'web'), given.files);
  await assertNoLeftovers(given);
});

test('cancelled by its signal at any edge or while it writes, all is old or all is new', async (t) => {
  const given = await ready(t);
  const { lab, store, vm } = given;
  const [point] = vm.points;
  const options = overOptions(lab, vm, { point: point?.id ?? '' });
  const cancelled = async (deps: (stop: AbortController) => Parameters<typeof over>[3]) => {
    const stop = new AbortController();
    const done = await over(lab, store, options, deps(stop), stop.signal).catch(
      (error: unknown) => {
        assert.equal((error as Error).name, 'AbortError', String(error));
        return undefined;
      },
    );
    await cleanLater(given);
    const { overs } = await storeLedger(store, vm.id).load(never);
    assert.equal(overs !== undefined, done !== undefined, 'it says what became of the disks');
    if (overs === undefined) return assertUntouched(given);
    assert.equal(overs[0]?.phase, 'attached');
    assert.deepEqual(await guestHashes(lab, 'web'), point?.hashes);
    await undo(lab, store, options);
    return assertUntouched(given);
  };
  for (const edge of OVER_EDGES) {
    await cancelled((stop) => ({
      onEdge: async (each) => void (each === edge && stop.abort()),
    }));
  }
  for (const phase of ['Comparing', 'Restoring', 'Reading back']) {
    let is = false;
    await cancelled((stop) => ({
      progress: {
        ...noProgress,
        phase: (name) => void (is = name.startsWith(phase)),
        advance: () => void (is && stop.abort()),
      },
    }));
  }
});

test('without space, without the right to write and without the host the old disks stay', async (t) => {
  const given = await ready(t);
  const { lab, store, vm } = given;
  const options = overOptions(lab, vm, { point: vm.points[0]?.id ?? '' });
  const full = t.mock.method(machine.files, 'statfs', async () => ({ bavail: 1, bsize: 4096 }));
  await assert.rejects(over(lab, store, options), (error) => {
    assert.ok(isEngineError(error, 'restore.space'), String(error));
    const { free, needed } = error.data;
    assert.ok(free === 4096 && Number(needed) > free);
    return true;
  });
  full.mock.restore();
  await assertUntouched(given);

  // Root may write everywhere, so the system's answer is given here.
  const { mkdir } = machine.files;
  const refuse = async (path: string): Promise<never> => {
    throw Object.assign(new Error('denied'), { code: 'EACCES', syscall: 'mkdir', path });
  };
  const denied = t.mock.method(machine.files, 'mkdir', (path: string, ...more: never[]) =>
    path.includes('.refpoint-restore-') ? refuse(path) : mkdir(path, ...more),
  );
  await assert.rejects(over(lab, store, options), { code: 'source.denied' });
  denied.mock.restore();
  await assertUntouched(given);

  const nowhere = [{ host: 'C:\\Lab', local: join(lab.folder, 'nowhere') }];
  await assert.rejects(over(lab, store, { ...options, pathMap: nowhere }), {
    code: 'path.missing',
  });
  await assertUntouched(given);

  // The host answers nothing any more: what was written is in the ledger until it is back.
  const onEdge = async (edge: string): Promise<void> => {
    if (edge === 'over.written') await lab.fault('connection.before');
  };
  await assert.rejects(over(lab, store, options, { onEdge }), { code: /^(?:http|wsman)\./ });
  const { overs } = await storeLedger(store, vm.id).load(never);
  assert.equal(overs?.[0]?.phase, 'writing');
  await lab.clearFaults();
  await cleanLater(given);
  await assertUntouched(given);
});

test('a missing old disk is written as a whole, and cannot come back', async (t) => {
  const given = await ready(t);
  const { lab, store, vm, files } = given;
  const options = overOptions(lab, vm);
  await rm(local(given, files[0]));
  const { disks } = await over(lab, store, options);
  assert.equal(disks[0]?.way, 'whole');
  assert.match(disks[0]?.why ?? '', /cannot be read/);
  assert.equal(await lab.guestHash('web', 0), vm.points[1]?.hashes[0]);
  await assert.rejects(undo(lab, store, options), { code: 'over.changed' });
});

test('a request or an answer that is lost leaves all old disks or all new ones', async (t) => {
  const given = await ready(t);
  const { lab, store, vm } = given;
  const point = vm.points[0];
  const options = overOptions(lab, vm, { point: point?.id ?? '' });
  for (const [fault, left] of [
    ['connection.before', 'old'],
    ['connection.after', 'new'],
  ] as const) {
    // Requests that ask only are sent again: only the call that attaches counts.
    for (const k of [1, 2, 3]) {
      let shift = 0;
      const onEdge = async (edge: string): Promise<void> => {
        if (edge !== 'over.asked') return;
        await lab.fault(fault, undefined, 1, k);
        // A call that never arrived is given up after a minute.
        if (left === 'old') shift = MINUTE;
      };
      const deps = { onEdge, now: () => Date.now() + shift };
      const done = await over(lab, store, options, deps).catch((error: unknown) => {
        if (!isEngineError(error)) throw error;
        return undefined;
      });
      await lab.clearFaults();
      await clean(lab, store, vm.id);
      const { overs } = await storeLedger(store, vm.id).load(never);
      assert.equal(overs?.[0]?.phase, k === 1 && left === 'old' ? undefined : 'attached');
      assert.equal(done !== undefined, overs !== undefined);
      if (overs !== undefined) {
        assert.deepEqual(await guestHashes(lab, 'web'), point?.hashes);
        await undo(lab, store, options);
      }
      await assertUntouched(given);
    }
  }
});

/** Edges after which the VM has the new disks. */
const NEW: ReadonlySet<string> = new Set(['over.started', 'over.attached', 'over.finished']);

test('killed at any edge of the restore and of its undo, clean leaves all old disks or all new ones', async (t) => {
  const given = await ready(t);
  const { lab, store, vm } = given;
  const [point] = vm.points;
  const options = overOptions(lab, vm, { point: point?.id ?? '' });
  const kill = async (edge: string, words: readonly string[]): Promise<void> => {
    const command = ['restore', '--store', store.location, ...words, '--confirm', vm.id];
    const env = { ...lab.command.env, REFPOINT_KILL_AT: edge };
    const killed = await refpoint([...command, ...lab.command.options], { env });
    assert.notEqual(killed.status, 0, `${edge}: ${killed.stdout}${killed.stderr}`);
    // Neither a dry run nor one that the host may come after changes anything.
    const before = await storeLedger(store, vm.id).load(never);
    await cleanLater(given, true);
    if (edge === 'over.asked') await clean(lab, store, vm.id);
    assert.deepEqual(await storeLedger(store, vm.id).load(never), before);
    await cleanLater(given);
  };
  for (const edge of OVER_EDGES) {
    await t.test(edge, async () => {
      await kill(edge, ['--vm', vm.id, '--point', point?.id ?? '', '--over', vm.id]);
      const { overs } = await storeLedger(store, vm.id).load(never);
      // The host may have attached the disks before the process died.
      if (edge === 'over.started' ? overs === undefined : !NEW.has(edge)) {
        await assertUntouched(given);
        return;
      }
      assert.equal(overs?.[0]?.phase, 'attached');
      assert.deepEqual(await guestHashes(lab, 'web'), point?.hashes);
      await undo(lab, store, options);
      await assertUntouched(given);
    });
  }
  for (const edge of ['undo.recorded', 'undo.attached', 'undo.finished']) {
    await t.test(edge, async () => {
      await over(lab, store, options);
      await kill(edge, ['--undo', vm.id]);
      await assertUntouched(given);
    });
  }
  for (const edge of ['accept.recorded', 'accept.merged', 'accept.attached', 'accept.finished']) {
    await t.test(edge, async () => {
      await over(lab, store, options);
      await kill(edge, ['--accept', vm.id]);
      assert.deepEqual(await attachedFiles(lab, 'web'), given.files);
      assert.deepEqual(await guestHashes(lab, 'web'), point?.hashes);
      assert.equal((await storeLedger(store, vm.id).load(never)).overs, undefined);
      await assertNoLeftovers(given);
      // Something to restore for the next edge.
      await lab.ask('set-state', { vm: 'web', state: 'running' });
      for (const disk of [0, 1]) await lab.write('web', disk, MIB, pattern(300, edge.length));
      await turnOff(lab, 'web');
    });
  }
});
