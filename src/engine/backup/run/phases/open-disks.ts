import { newIntent, pass } from '../../context/run-context.ts';
import { withIntent } from '../../ledger/ledger.ts';
import type { Reason } from '../../manifest/manifest.ts';
import type { BackupPlan } from '../../plan/plan-backup.ts';
import { readMethod } from '../../read/methods.ts';
import { isShared, sharedReader } from '../../read/rsvd/shared-reader.ts';
import { comparesReaders, keepEvidence } from '../steps/compare-readers.ts';
import { dropStaging } from '../steps/drop-staging.ts';
import type { Frozen, Readable } from '../record/run-record.ts';

/** Makes the frozen disks readable by the planned method. */
export async function openDisks(run: Frozen, signal: AbortSignal): Promise<Readable> {
  const { deps, vmId, options, plan, checkpoint, disks, pointId } = run;
  const method = readMethod(plan.method);
  const staging = method.staging(options, vmId, pointId);
  const removeStaging = await declareStaging(run, staging, signal);
  const { reader, refused } = await method.begin(
    {
      host: deps.host,
      vmId,
      checkpointId: checkpoint.id,
      frozen: { ...disks, frozen: disks.frozen.filter((each) => !isShared(each)) },
      disks: plan.disks.filter(({ disk }) => !isShared(disk)),
      since: plan.parent?.manifest.referencePoint?.id ?? null,
      mustBeChanges: options.kind === 'incremental',
      options,
      files: run.files,
      staging,
      compareReaders: comparesReaders(run),
      keep: keepEvidence(run),
      warn: (warning) => void run.notes.warnings.push(warning),
      listingPauses: deps.listingPauses,
    },
    signal,
  );
  if (staging !== null) await pass(deps, vmId, 'exported');
  const shared = sharedReader(run.files.remote.shared, {
    trustsAllocation: options.checkTracker !== 'full',
    warn: (warning) => void run.notes.warnings.push(warning),
  });
  const readable = { ...run, reader, shared, staging, removeStaging };
  if (refused === null) return readable;
  const { code, message } = refused;
  run.notes.warnings.push({ code, message: `${message}: every disk is backed up in full.` });
  const referencePoint = plan.parent?.manifest.referencePoint?.id ?? '';
  const why: Reason = { code, text: message, evidence: { referencePoint } };
  return { ...readable, plan: allFull(plan, why) };
}

/**
 * Records the folder in the ledger before the host writes to it. Returns the function that removes
 * it.
 */
async function declareStaging(
  run: Frozen,
  directory: string | null,
  signal: AbortSignal,
): Promise<Readable['removeStaging']> {
  if (directory === null) return async () => undefined;
  const { deps, vmId, keeper, computerName, pointId, checkpoint, undo } = run;
  const intent = newIntent(deps, {
    kind: 'export',
    computerName,
    pointId,
    existing: [],
    checkpointId: checkpoint.id,
    directory,
  });
  await keeper.update((ledger) => withIntent(ledger, intent), signal);
  const { files } = run;
  const remove: Readable['removeStaging'] = (limit) =>
    dropStaging({ deps, keeper, vmId, directory, files }, limit);
  const drop = undo.push({
    what: `the export in ${directory}`,
    needsLease: true,
    afterCommit: true,
    run: remove,
  });
  await pass(deps, vmId, 'export.intended');
  return async (limit) => {
    await remove(limit);
    drop();
  };
}

/**
 * Returns the plan with every disk as a full. The run gets a full's ID and its reason once its
 * tasks are known.
 */
const allFull = (plan: BackupPlan, reason: Reason): BackupPlan => ({
  ...plan,
  disks: plan.disks.map((disk) => ({ ...disk, kind: 'full', reason, base: null }) as const),
});
