import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { EDGES, SET_EDGES, type Edge } from '../../../src/engine/backup/context/edges.ts';
import { storeLedger } from '../../../src/engine/backup/ledger/ledger-file.ts';
import { listPoints } from '../../../src/engine/backup/points/catalog.ts';
import { cleanVm } from '../../../src/engine/backup/recovery/clean.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { runSet, type SetResult } from '../../../src/engine/backup/vss/run-set.ts';
import type { BackupOptions } from '../../../src/engine/api/backup.ts';
import { never } from '../../../src/engine/base/abort.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import { noLog } from '../../../src/engine/base/log.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import type { HypervBackupHost } from '../../../src/engine/hosts/hyperv-backup-host.ts';
import { verifyErrors, type BackupLab } from '../backup/backup-lab.ts';
import { startRefpoint } from '../process/command.ts';

/** Time after which diskshadow, which may run on behind a killed job, is done for certain. */
const LATER_MS = 31 * 60_000;
/** Time limit for a killed run, in milliseconds. */
const KILL_MS = 60_000;

/** A host with VMs, on which runs by the method vss are killed. */
export interface KillStage {
  readonly lab: Pick<BackupLab, 'ask' | 'fault' | 'clearFaults'>;
  readonly host: HypervBackupHost;
  readonly store: Store;
  readonly vms: readonly { readonly id: Guid; readonly name: string }[];
  readonly pathMap: BackupOptions['pathMap'];
  /** Options and environment with which the command reaches the host. */
  readonly command: { readonly options: readonly string[]; readonly env: Record<string, string> };
  /** Folders of ours on the host. */
  readonly folders: () => Promise<readonly string[]>;
  /** Waits until the host does nothing more for a killed process. */
  readonly quiet: () => Promise<void>;
}

/** A place at which a run is killed: an edge, a step of VSS, or between an exchange with the host and its answer. */
export type Cut =
  { readonly edge: Edge } | { readonly step: string } | { readonly exchange: number };

export const nameOf = (cut: Cut): string =>
  'edge' in cut
    ? `at the edge ${cut.edge}`
    : 'step' in cut
      ? `between the request for the step ${cut.step} and its answer`
      : `between exchange ${cut.exchange} and its answer`;

/** Runs once, and returns a cut for each edge that was passed and each exchange while a set was open. */
export async function cutsOf(stage: KillStage): Promise<readonly Cut[]> {
  const exchanges = async (): Promise<number> => (await stage.lab.ask('fault-list', {})).exchanges;
  const passed = new Set<Edge>();
  const before = await exchanges();
  let [from, to] = [0, 0];
  await backUp(stage, async (edge) => {
    passed.add(edge);
    if (edge === 'set.intended') from = (await exchanges()) - before;
    if (edge === 'set.removed') to = (await exchanges()) - before;
  });
  assert.ok(from > 0 && to > from + 5, `exchanges ${from} to ${to}`);
  for (const edge of ['set.intended', 'set.made', 'committed', 'set.copied'] as const) {
    assert.ok(passed.has(edge), `${edge} was not passed`);
  }
  const edges = [...EDGES, ...SET_EDGES].filter((edge) => passed.has(edge));
  return [
    ...edges.map((edge) => ({ edge })),
    ...Array.from({ length: to - from }, (_, i) => ({ exchange: from + i + 1 })),
  ];
}

/** Kills the command's process. Whatever the host was asked for, it goes on with. */
export async function killAt({ lab, store, command }: KillStage, cut: Cut): Promise<void> {
  const fault = 'step' in cut ? 'vss.hold' : 'answer.hold';
  if ('step' in cut) await lab.fault(fault, cut.step);
  if ('exchange' in cut) await lab.fault(fault, undefined, 1, cut.exchange);
  const env = { ...command.env, ...('edge' in cut ? { REFPOINT_KILL_AT: cut.edge } : {}) };
  const words = ['backup', '--all', '--method', 'vss', '--store', store.location];
  const child = startRefpoint([...words, ...command.options], { env });
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const closed = once(child, 'close') as Promise<[number | null]>;
  const limit = performance.now() + KILL_MS;
  while (child.exitCode === null && child.signalCode === null) {
    if (performance.now() > limit) child.kill('SIGKILL');
    assert.ok(performance.now() < limit, `${nameOf(cut)} was never reached: ${output}`);
    const { occurred } = await lab.ask('fault-list', {});
    if (!('edge' in cut) && occurred[fault] !== undefined) {
      // The exchange is carried out before its answer is held.
      if ('exchange' in cut) await pause(100);
      child.kill('SIGKILL');
      break;
    }
    await pause(20);
  }
  const [status] = await closed;
  // How often a shell is asked for its output differs from run to run.
  if (!('exchange' in cut)) assert.notEqual(status, 0, `lived beyond ${nameOf(cut)}: ${output}`);
  await lab.clearFaults();
}

/**
 * Asserts that nothing of a killed run is left after a cleanup and the next run, in this order or the
 * other one, and that every foreign shadow copy is.
 */
export async function assertGoesOn(
  stage: KillStage,
  foreign: readonly string[],
  order: 'cleaned' | 'at once',
  when: string,
): Promise<void> {
  await stage.quiet();
  if (order === 'cleaned') {
    await cleanLater(stage);
    await assertTidy(stage, foreign, `${when}, cleaned`);
  }
  const { points, failed } = await backUp(stage);
  assert.deepEqual([points.length, failed], [stage.vms.length, []], `${when}: the next run`);
  if (order === 'at once') await cleanLater(stage);
  await assertTidy(stage, foreign, `${when}, after the next run`);
}

/** Cleans up each VM, at a time when nothing can still be running. */
async function cleanLater({ host, store, vms, pathMap }: KillStage): Promise<void> {
  const now = (): number => Date.now() + LATER_MS;
  const onEdge = async (): Promise<void> => undefined;
  for (const { id } of vms) {
    const deps = { host, store, progress: noProgress, log: noLog, onEdge, now };
    const items = await cleanVm(deps, id, { pathMap, dryRun: false }, never);
    assert.deepEqual(
      items.filter(({ kind }) => kind === 'left' || kind === 'unclear'),
      [],
    );
  }
}

async function assertTidy(
  { lab, store, vms, folders }: KillStage,
  foreign: readonly string[],
  when: string,
): Promise<void> {
  const left = (await lab.ask('shadow-list', {})).map(({ id }) => id as string);
  assert.deepEqual([left, await folders()], [foreign, []], when);
  for (const { id } of vms) {
    assert.equal((await storeLedger(store, id).load(never)).sets, undefined, when);
    const points = await listPoints(store, id, never);
    const partial = points.filter(({ state }) => state !== 'complete');
    assert.deepEqual(partial, [], `${when}: no partial point`);
    assert.deepEqual(await store.leftovers(id, never), [], `${when}: no temporary file`);
  }
}

/** Verifies every point of the VMs. */
export async function assertVerified({ store, vms }: KillStage): Promise<void> {
  for (const { id } of vms) assert.deepEqual(await verifyErrors(store, id), []);
}

function backUp(
  { host, store, vms, pathMap }: KillStage,
  onEdge: (edge: Edge) => Promise<void> = async () => undefined,
): Promise<SetResult> {
  const options: BackupOptions = {
    kind: 'auto',
    method: 'vss',
    consistency: 'default',
    guestBackup: 'copy',
    checkTracker: 'off',
    maxChain: 30,
    pathMap,
    exportDirectory: null,
    excludeDisks: [],
    vssWaitSeconds: 0,
  };
  const deps = { host, store, progress: noProgress, log: noLog, onEdge, now: Date.now };
  return runSet(deps, vms, options, 'test', never);
}
