import { pass } from '../../context/run-context.ts';
import type { BackupKind, Reason } from '../../manifest/manifest.ts';
import { removePoint, reservePoint } from '../../points/catalog.ts';
import type { Planned, Reserved } from '../record/run-record.ts';

/** Reserves the point's folder. */
export async function reserveFolder(run: Planned, signal: AbortSignal): Promise<Reserved> {
  const reserved = { ...run, ...(await reserve(run, run.plan.kind, signal)) };
  const words = `The folder of the point ${reserved.pointId} was created`;
  await pass(run.deps, run.vmId, 'reserved', words);
  return reserved;
}

/**
 * Gives the run the ID of a full, if it was planned with increments but every disk became a full.
 * Its folder must still be empty.
 */
export async function becomeFull<Run extends Reserved>(
  run: Run,
  reason: Reason,
  signal: AbortSignal,
): Promise<Run> {
  const { deps, vmId, plan, pointId, keepFolder } = run;
  if (plan.kind === 'full') return run;
  await removePoint(deps.store, vmId, pointId, signal);
  keepFolder();
  const reserved = await reserve(run, 'full', signal);
  return { ...run, ...reserved, plan: { ...plan, kind: 'full', reason, parent: null } };
}

async function reserve(
  { deps, vmId, undo }: Planned,
  kind: BackupKind,
  signal: AbortSignal,
): Promise<Pick<Reserved, 'pointId' | 'keepFolder'>> {
  const { store, now } = deps;
  const pointId = await reservePoint(store, vmId, kind, now(), signal);
  const keepFolder = undo.push({
    what: `the folder of ${pointId}`,
    needsLease: true,
    run: (limit) => removePoint(store, vmId, pointId, limit),
  });
  return { pointId, keepFolder };
}
