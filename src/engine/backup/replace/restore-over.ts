import { randomUUID } from 'node:crypto';
import type { Warning } from '../../api/backup.ts';
import { delay } from '../../base/abort.ts';
import { isEngineError } from '../../base/errors.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { RunFiles } from '../context/run-files.ts';
import type { LedgerKeeper } from '../context/run-context.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { OwnOver } from '../ledger/own-overs.ts';
import { OverRecord } from '../restore/over/over-record.ts';
import type { OverDocument, OverOptions } from '../restore/over/over-options.ts';
import { requireAtRest, requireConfirmed } from '../restore/over/over-vm-checks.ts';
import { FIRST, identityOf, planOver, type OverPlan } from '../restore/over/plan-over.ts';
import { recoverOver } from '../restore/over/recover-over.ts';
import { attach } from '../restore/over/settle-over.ts';
import { requireRoomForDisks } from '../restore/over/require-room.ts';
import { requireUnchanged, writeDisks } from '../restore/over/write-disks.ts';
import { passOver, withVm, type OverDeps } from './with-vm.ts';

/** Time limit for removing what a failed restore left, also if it was cancelled. */
const UNDO_MS = 120_000;
/** Longest wait for a call whose outcome is not known, in milliseconds. */
const WAIT_MS = 15_000;

/**
 * Restores disks of a point over those of a VM that is off and has no checkpoints. Each disk is written
 * into a new file beside the old one, which stays as it is: a differencing image with the parts that
 * differ, or the whole disk. All new files are proven by their roots, then attached by one call. Until
 * the restore is accepted it can be undone. A failure leaves the old disks or all new ones; what an
 * interruption leaves is in the ledger of the VM. Throws `over.*`, `restore.*`, `path.*`, `lease.held`
 * and errors of the host.
 */
export async function restoreOver(
  deps: OverDeps,
  options: OverOptions,
  signal: AbortSignal,
): Promise<OverDocument> {
  requireConfirmed(options.over, options.confirm);
  const run = async (
    keeper: LedgerKeeper,
    files: RunFiles,
    held: AbortSignal,
  ): Promise<OverDocument> => {
    requireNone(keeper.ledger);
    const reaching = { ...deps, files };
    const plan = await planOver(reaching, options, FIRST, held);
    try {
      const warnings = await replaceDisks(reaching, plan, options, keeper, held);
      return overDocument(plan, false, warnings);
    } finally {
      await plan.close();
    }
  };
  return withVm(deps, options.over, options.pathMap, run, signal);
}

/** Throws `over.open` if an earlier restore over the VM can still be undone. */
export function requireNone({ overs = [] }: Pick<Ledger, 'overs'>): void {
  const earlier = overs.find(({ phase }) => phase === 'attached');
  if (earlier === undefined) return;
  throw backupError(
    'over.open',
    `The VM was restored from ${earlier.pointId} at ${earlier.time}, which is neither accepted nor undone yet`,
    { data: { point: earlier.pointId, time: earlier.time } },
  );
}

type ReachingDeps = OverDeps & { readonly files: RunFiles };

async function replaceDisks(
  deps: ReachingDeps,
  plan: OverPlan,
  options: OverOptions,
  keeper: LedgerKeeper,
  signal: AbortSignal,
): Promise<readonly Warning[]> {
  const { files, progress } = deps;
  const own = await recordOf(deps, plan, options, signal);
  if (own.disks.length === 0) return [];
  await requireRoomForDisks(plan.disks, files, signal);
  const record = new OverRecord(keeper, own, deps.now, signal, (step) =>
    passOver(deps, `over.${step}`),
  );
  try {
    await record.change();
    await passOver(deps, 'over.recorded');
    const warnings = await writeDisks(deps, plan, own.id, progress, signal);
    await passOver(deps, 'over.written');
    await attachNew(deps, plan, options, record, signal);
    return warnings;
  } catch (error) {
    if (await isAttachedAfter(deps, options, record, error)) return [];
    throw error;
  }
}

/** Returns the record of the restore, with the disks that get other files. */
async function recordOf(
  { host, now }: OverDeps,
  { disks, point }: OverPlan,
  { vmId }: OverOptions,
  signal: AbortSignal,
): Promise<OwnOver> {
  return {
    id: randomUUID(),
    time: new Date(now()).toISOString(),
    host: host.url,
    computerName: await host.computerName(signal),
    vmId,
    pointId: point.id,
    phase: 'writing',
    asked: null,
    job: null,
    disks: disks.flatMap((each) => {
      if (each.way === 'same') return [];
      const { disk, path, way } = each;
      const { slot, locationId, path: old } = disk;
      const differing = way === 'differing';
      return [{ slot, locationId, old, identity: identityOf(each), new: path, differing }];
    }),
  };
}

/** Has the host attach the new files, after the last look at everything that the proof stands on. */
async function attachNew(
  deps: OverDeps,
  plan: OverPlan,
  { over }: OverOptions,
  record: OverRecord,
  signal: AbortSignal,
): Promise<void> {
  const { host, progress } = deps;
  progress.phase('Attaching the restored disks', 0);
  const vm = await host.findVm(over, signal);
  requireAtRest(vm);
  for (const { slot, old } of record.own.disks) {
    const found = vm.disks.find((each) => each.slot === slot)?.path ?? null;
    if (found === old) continue;
    throw backupError(
      'over.changed',
      `The VM had ${old} at ${slot} when the restore began, and has ${found ?? 'no disk'} there now`,
      { data: { slot, found, expected: old } },
    );
  }
  await requireUnchanged(plan.disks, signal);
  await attach(host, over, record.own.disks, 'new', signal, record);
  await passOver(deps, 'over.attached');
  await record.change({ phase: 'attached' });
  await passOver(deps, 'over.finished');
}

/**
 * After a failure, removes what was written. Returns true if the VM has the new disks, whatever failed
 * afterwards. Never throws: what cannot be removed now stays in the ledger.
 */
async function isAttachedAfter(
  deps: ReachingDeps,
  { over }: OverOptions,
  record: OverRecord,
  cause: unknown,
): Promise<boolean> {
  const { host, log, progress, files } = deps;
  const limit = AbortSignal.timeout(UNDO_MS);
  const warn = (message: string): void => log({ level: 'warn', area: 'restore', message });
  try {
    // A file that somebody else wrote meanwhile is not ours to remove; the others are removed already.
    if (isEngineError(cause, 'restore.exists')) {
      await record.remove();
      return false;
    }
    const around = { host, vmId: over, files, progress, now: deps.now };
    let outcome = await recoverOver(around, record.own, true, limit);
    for (let pause = 100; outcome === 'running' && pause < WAIT_MS; pause *= 2) {
      await delay(pause, limit);
      outcome = await recoverOver(around, record.own, true, limit);
    }
    if (outcome === 'complete') {
      await record.change({ phase: 'attached' });
      return true;
    }
    if (outcome === 'removed') await record.remove();
    else warn(`The restored disks were not removed (${outcome}); the next cleanup removes them`);
  } catch (error) {
    const why = isEngineError(error) ? error.message : String(error);
    warn(`The restored disks could not be removed; the next cleanup removes them: ${why}`);
  }
  return false;
}

/** Returns the document of a restore over a VM, or of its plan. */
export function overDocument(
  { vm, point, disks }: OverPlan,
  planned: boolean,
  warnings: readonly Warning[],
): OverDocument {
  const rows = disks.map(({ record, disk, way, why, path, writtenBytes, savedBytes }) => ({
    number: record.number,
    slot: record.slot,
    way,
    why,
    old: disk.path,
    path: way === 'same' ? disk.path : path,
    virtualSize: record.virtualSize,
    writtenBytes,
    savedBytes,
    hashRoot: record.hashRoot,
  }));
  return {
    vm: { id: vm.id, name: vm.name },
    point: point.id,
    planned,
    disks: rows,
    savedBytes: rows.reduce((sum, { savedBytes }) => sum + savedBytes, 0),
    warnings,
  };
}
