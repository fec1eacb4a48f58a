/**
 * A backup of several VMs in one shadow copy set: a point of each, always full, that touches no
 * reference point. What is wrong with one VM fails that VM alone. Read the functions from the top.
 */
import type { BackupOptions } from '../../api/backup.ts';
import { withGrace } from '../../base/abort.ts';
import { isEngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import { vssError } from '../../vss/vss-errors.ts';
import type { ShadowSet } from '../../vss/requestor.ts';
import { pass, type RunDeps } from '../context/run-context.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { ShadowHost } from '../host/shadow-host.ts';
import { holdLease } from '../run/phases/lease.ts';
import { recoverRun } from '../run/phases/recover.ts';
import type { BackupResult } from '../run/run-backup.ts';
import type { Leased, Recovered } from '../run/record/run-record.ts';
import { DEFAULT_VSS_WAIT_SECONDS, makeSet, type MadeSet } from './make-set.ts';
import { planSet, requireAllowed, requireShadows, type SetPlan, type VmOfSet } from './plan-set.ts';
import { pointInSet, type SetPoint } from './point-in-set.ts';
import { requireReach, waysToCopies, type CopiesReach } from './reach-set.ts';

/**
 * Time after a cancellation in which the host may still remove the set, in milliseconds: with the end of a command
 * and its shell, two seconds. The ledgers name what is left, and the next run or a cleanup removes it.
 */
const CANCELLED_MS = 1250;

/** The result of a set. */
export interface SetResult {
  readonly points: readonly BackupResult[];
  readonly failed: readonly { readonly vm: VmOfSet; readonly error: Error }[];
  /** The set; null if none was made. */
  readonly set: Guid | null;
}

/** VMs of a run: those that go on, and those that failed. */
class Vms {
  readonly running = new Map<Guid, Recovered>();
  readonly failed: { vm: VmOfSet; error: Error }[] = [];
  /** Runs whose leftovers are removed at the end, when the set is gone. */
  readonly ended: Leased[] = [];

  fail(vm: VmOfSet, error: unknown): void {
    const run = this.running.get(vm.id);
    this.running.delete(vm.id);
    if (run !== undefined) this.ended.push(run);
    this.failed.push({ vm, error: error as Error });
  }
}

/**
 * Backs up VMs in one shadow copy set. Throws only what concerns the set as a whole, after everything
 * was removed: `vss.*`, and errors of the host.
 */
export async function runSet(
  deps: RunDeps,
  vms: readonly VmOfSet[],
  options: BackupOptions,
  jobId: string,
  signal: AbortSignal,
): Promise<SetResult> {
  if (options.kind === 'incremental') {
    const text = 'The method vss always makes a full backup';
    throw backupError('plan.incremental', text, { data: { reason: 'asked' } });
  }
  const shadows = requireShadows(deps.host);
  const all = new Vms();
  const points: BackupResult[] = [];
  let set: Guid | null = null;
  const started = deps.now();
  const host = withGrace(signal, CANCELLED_MS);
  try {
    for (const vm of vms) await begin(deps, vm, options, jobId, all, signal);
    for (const { vmId, notes, vm } of all.running.values()) {
      await pass(deps, vmId, 'recovered', null);
      notes.warnings.push(
        ...vm.findings
          .filter(({ severity }) => severity === 'warning')
          .map(({ code, message }) => ({ code, message })),
      );
    }
    const found = await planAndMake(deps, shadows, all, options, signal);
    if (found !== undefined) {
      const { plan, made } = found;
      set = made.set.id;
      points.push(...(await copyAll(deps, shadows, plan, made, all, started, host.signal, signal)));
    }
  } finally {
    await endAll(all, host.signal);
    host.release();
  }
  return { points, failed: all.failed, set };
}

/** Takes the lease of a VM and recovers what earlier runs left. */
async function begin(
  deps: RunDeps,
  vm: VmOfSet,
  options: BackupOptions,
  jobId: string,
  all: Vms,
  signal: AbortSignal,
): Promise<void> {
  await pass(deps, vm.id, 'preflight');
  let leased: Leased | undefined;
  try {
    leased = await holdLease(deps, vm.id, options, jobId, signal);
    all.running.set(vm.id, await recoverRun(leased, signal));
  } catch (error) {
    if (leased !== undefined) all.ended.push(leased);
    signal.throwIfAborted();
    all.fail(vm, error);
  }
}

/**
 * Plans and makes a set of all VMs that are left; undefined if none is. A VM that the writer leaves out fails
 * alone: the others get another set.
 */
async function planAndMake(
  deps: RunDeps,
  shadows: ShadowHost,
  all: Vms,
  options: BackupOptions,
  signal: AbortSignal,
): Promise<{ readonly plan: SetPlan; readonly made: MadeSet } | undefined> {
  while (all.running.size > 0) {
    const plan = await planAll(deps, all, options, signal);
    if (plan.vms.length === 0) continue;
    try {
      const made = await make(deps, shadows, plan, all, options, signal);
      for (const { notes } of all.running.values()) notes.warnings.push(...plan.warnings);
      return { plan, made };
    } catch (error) {
      const vms = isEngineError(error, 'vss.component') ? error.data['vms'] : [];
      const leftOut = plan.vms.filter(({ id }) =>
        (vms as readonly string[] | undefined)?.includes(id),
      );
      if (leftOut.length === 0) throw error;
      for (const vm of leftOut) all.fail(vm, error);
    }
  }
  return undefined;
}

/** Plans the set of all VMs that are left. Throws `vss.*`, and `path.*` or `smb.*` if its copies could not be read from here. */
async function planAll(
  deps: RunDeps,
  all: Vms,
  options: BackupOptions,
  signal: AbortSignal,
): Promise<SetPlan> {
  const plan = await planSet(
    deps.host,
    [...all.running.values()].map(({ vm }) => vm),
    signal,
  );
  for (const { vm, error } of plan.refused) all.fail(vm, error);
  // One that was named and has failed does not count as another one.
  const named = new Set(all.failed.map(({ vm }) => vm.id));
  const others = plan.others.filter(({ id }) => !named.has(id));
  const [first] = all.running.values();
  if (plan.vms.length > 0 && first !== undefined) {
    requireAllowed({ ...plan, others }, options.allowOthers === true);
    await requireReach(plan, reachOf(first), signal);
  }
  for (const { vmId } of all.running.values()) {
    const words = `Planned a full backup by method vss: volumes ${plan.volumes.length}, VMs ${plan.vms.length}`;
    await pass(deps, vmId, 'planned', words);
  }
  return plan;
}

function make(
  deps: RunDeps,
  shadows: ShadowHost,
  plan: SetPlan,
  all: Vms,
  { vssWaitSeconds = DEFAULT_VSS_WAIT_SECONDS }: BackupOptions,
  signal: AbortSignal,
): Promise<MadeSet> {
  const runs = [...all.running.values()];
  const keepers = runs.map(({ keeper }) => keeper);
  const computerName = runs[0]?.computerName ?? null;
  const lost = runs.map(({ lease }) => lease.lost);
  const either = AbortSignal.any([signal, ...lost]);
  const run = { deps, shadows, plan, computerName, keepers, waitSeconds: vssWaitSeconds };
  return makeSet(run, either);
}

/** Copies every VM out of the set, one after the other, and removes the set. @param end of all work on the host */
async function copyAll(
  deps: RunDeps,
  shadows: ShadowHost,
  plan: SetPlan,
  { set, requestor, remove }: MadeSet,
  all: Vms,
  started: number,
  end: AbortSignal,
  signal: AbortSignal,
): Promise<readonly BackupResult[]> {
  const points: BackupResult[] = [];
  const stillThere = (): Promise<void> => requireSet(shadows, set, signal);
  const here = { deps, set, plan, started, requestor, requireSet: stillThere };
  try {
    // Each is removed from the map in its turn.
    for (const run of all.running.values()) {
      const vm = { id: run.vmId, name: run.vm.name };
      try {
        const point: SetPoint = { ...here, run, files: waysToCopies(reachOf(run)) };
        points.push(await pointInSet(point, AbortSignal.any([signal, run.lease.lost])));
        all.running.delete(vm.id);
        all.ended.push(run);
      } catch (error) {
        signal.throwIfAborted();
        await requestor.report(vm.id, false, signal).catch(() => undefined);
        all.fail(vm, error);
      }
    }
    const [first] = plan.vms;
    if (first !== undefined) await pass(deps, first.id, 'set.copied');
    await requestor.complete(signal);
  } catch (error) {
    await requestor.abort();
    throw error;
  } finally {
    await removed(deps, plan, remove, points, end);
  }
  return points;
}

/** Removes the set; a failure is a warning of every point, since the next run or a cleanup repeats it. */
async function removed(
  deps: RunDeps,
  plan: SetPlan,
  remove: MadeSet['remove'],
  points: readonly BackupResult[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await remove(signal);
    const [first] = plan.vms;
    if (first !== undefined) await pass(deps, first.id, 'set.removed');
  } catch (error) {
    const { message: why, code } = error as Error & { code?: string };
    const complete = points.length > 0 ? 'The points are complete. ' : '';
    const message = `${complete}The shadow copies could not be removed now; the next run retries: ${why}`;
    deps.log({ level: 'warn', area: 'backup', message });
    const known = code?.startsWith('vss.') === true ? 'vss.failed' : 'unfinished';
    for (const { unfinished } of points) {
      (unfinished as { code: typeof known; message: string }[]).push({ code: known, message });
    }
  }
}

/** Throws `vss.storage` if a copy of the set is gone: what was read of it meanwhile proves nothing. */
async function requireSet(shadows: ShadowHost, set: ShadowSet, signal: AbortSignal): Promise<void> {
  const listed = new Set((await shadows.list(signal)).shadows.map(({ id }) => id));
  const gone = set.shadows.filter(({ id }) => !listed.has(id));
  if (gone.length === 0) return;
  throw vssError(
    'vss.storage',
    `Windows dropped the shadow copy of ${gone[0]?.volume ?? ''} during the copying: the area for differences was full, or somebody deleted it`,
    { data: { found: gone.map(({ id }) => id), set: set.id } },
  );
}

const reachOf = ({ files, deps, options }: Recovered): CopiesReach => ({
  host: deps.host,
  remote: files.remote,
  pathMap: options.pathMap,
});

/** Removes what the runs left, now that the set is gone, and releases the leases. */
async function endAll(all: Vms, host: AbortSignal): Promise<void> {
  for (const run of [...all.ended, ...all.running.values()]) {
    const { files, undo, lease, deps, vmId } = run;
    await files.close().catch(() => undefined);
    await undo.unwind((limit) => lease.assertHeld(limit), deps.log, host);
    await files.close().catch(() => undefined);
    await lease.release();
    await pass(deps, vmId, 'released').catch(() => undefined);
  }
}
