import { durationWords } from '../../../base/words/duration.ts';
import { isEngineError } from '../../../base/errors.ts';
import { CallInLedger } from '../../context/call-in-ledger.ts';
import { newIntent, pass } from '../../context/run-context.ts';
import type { HostReferencePoint } from '../../host/host.ts';
import { withoutCheckpoint, withReferencePoint } from '../../ledger/ledger.ts';
import { closeFiles } from '../steps/close-files.ts';
import type { Converted, Written } from '../record/run-record.ts';

/**
 * Converts the checkpoint to the reference point from which the next increment starts. Throws
 * `lease.lost`, `host.*`.
 */
export async function convertCheckpoint(run: Written, signal: AbortSignal): Promise<Converted> {
  const { deps, lease, capabilities } = run;
  await closeFiles(run, signal);
  deps.progress.phase('Reference point on the host', 0);
  await lease.assertHeld(signal);
  if (capabilities.referencePoints) return { ...run, reference: await convert(run, signal) };
  await destroyCheckpoint(run, signal);
  return { ...run, reference: undefined };
}

async function convert(run: Written, signal: AbortSignal): Promise<HostReferencePoint> {
  const { deps, vmId, keeper, plan, pointId, computerName } = run;
  const { host } = deps;
  const here = { computerName, pointId };
  const checkpointId = run.checkpoint.id;
  const existing = (await host.listReferencePoints(vmId, signal)).map((each) => each.id);
  const intent = newIntent(deps, {
    kind: 'referencePoint',
    ...here,
    existing,
    checkpointId,
    disks: plan.disks.map(({ disk }) => disk.locationId),
  });
  const onIntended = (): Promise<void> => pass(deps, vmId, 'convert.intended');
  const call = new CallInLedger(keeper, intent, deps.now, signal, onIntended);
  let reference: HostReferencePoint;
  const begun = deps.now();
  try {
    reference = await host.convertToReferencePoint(vmId, checkpointId, signal, call, existing);
  } catch (error) {
    await call.failed(error);
    throw error;
  }
  // The checkpoint no longer exists; recovery finds the reference point in the ledger.
  run.keepCheckpoint();
  const { id } = reference;
  const took = durationWords(deps.now() - begun);
  await pass(deps, vmId, 'converted', `The checkpoint became the reference point ${id} in ${took}`);
  const created = new Date(deps.now()).toISOString();
  const own = { id, host: host.url, created, ...here };
  await keeper.update((ledger) => withReferencePoint(ledger, own, intent.id), signal);
  await pass(deps, vmId, 'reference-point.recorded');
  return reference;
}

/**
 * Destroys the checkpoint on a host without reference points. All data has been read by now, so a
 * failure is only a warning.
 */
async function destroyCheckpoint(run: Written, signal: AbortSignal): Promise<void> {
  const { deps, keeper, notes } = run;
  const checkpointId = run.checkpoint.id;
  try {
    await deps.host.destroyCheckpoint(checkpointId, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    const message = `The checkpoint ${checkpointId} could not be destroyed; the next run retries: ${error.message}`;
    notes.unfinished.push({ code: error.code, message });
    return;
  }
  await keeper.update((ledger) => withoutCheckpoint(ledger, checkpointId), signal);
  run.keepCheckpoint();
}
