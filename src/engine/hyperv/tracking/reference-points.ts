import { delay } from '../../base/abort.ts';
import { isEngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import { isCimError, isRefusal } from '../../cim/cim-errors.ts';
import type { CimClient, ReferencedInstance } from '../../cim/client.ts';
import type { CimReference } from '../../cim/model.ts';
import { associatedWith, type FinishedJob } from '../calls/jobs.ts';
import { OPERATION } from '../calls/operations.ts';
import { perform } from '../calls/perform.ts';
import { hostError } from '../hyperv-errors.ts';
import { requireCheckpointReference } from '../inventory/checkpoints.ts';
import {
  listReferencePoints,
  toReferencePoint,
  type ReferencePoint,
} from '../inventory/reference-points.ts';
import { assertGone, findByInstanceId, vmReferenceOf } from '../inventory/references.ts';
import { CLASS, CONSISTENCY_LEVEL } from '../wmi-classes.ts';

/**
 * The *method parameter* of CreateReferencePoint: 1 means RCT there; in the *property*
 * ReferencePointType it is 2.
 */
const METHOD_TYPE_RCT = 1;

/**
 * Converts a backup checkpoint to a reference point; the host merges its disks in the background
 * afterwards. Throws `host.checkpoint.notFound` if the host lists no such checkpoint.
 */
export async function convertToReferencePoint(
  client: CimClient,
  vmId: Guid,
  checkpointId: string,
  signal: AbortSignal,
  known: KnownToConvert = {},
): Promise<ReferencePoint> {
  const reference =
    known.reference ?? (await requireCheckpointReference(client, checkpointId, signal));
  const convert = async (): ReturnType<typeof perform> => {
    try {
      const args = { AffectedSnapshot: reference };
      return await perform(client, OPERATION.convertToReferencePoint, args, signal);
    } catch (error) {
      // The reference was read earlier, and its object may be gone: then that is the error to
      // report. After a call without an answer it may be gone because the call was carried out.
      const unanswered = isCimError(error) && !isRefusal(error);
      if (known.reference !== undefined && isEngineError(error) && !unanswered)
        await requireCheckpointReference(client, checkpointId, signal);
      throw error;
    }
  };
  return making(client, vmId, signal, convert, known.existing);
}

/** Facts that the caller already has; missing ones are queried from the host. */
export interface KnownToConvert {
  /** The host's own reference to the checkpoint. */
  readonly reference?: CimReference | undefined;
  /** IDs of the VM's reference points, listed right before. */
  readonly existing?: readonly string[] | undefined;
}

/** Creates a reference point of the current state, without a checkpoint. */
export async function createReferencePoint(
  client: CimClient,
  vmId: Guid,
  consistency: 'application' | 'crash',
  signal: AbortSignal,
): Promise<ReferencePoint> {
  const args = {
    AffectedSystem: await vmReferenceOf(client, vmId, signal),
    ReferencePointSettings: { ConsistencyLevel: CONSISTENCY_LEVEL[consistency] },
    ReferencePointType: METHOD_TYPE_RCT,
  };
  const create = (): ReturnType<typeof perform> =>
    perform(client, OPERATION.createReferencePoint, args, signal);
  return making(client, vmId, signal, create);
}

/**
 * Destroys a reference point with the host's reference to it, and checks that it is gone. Returns
 * if the host lists its VM and no reference point with this ID, before or after the call. Throws
 * `host.notRemoved` if it is still listed, and `host.vm.notFound` if the VM is not listed either: it
 * moved, VMMS is stopped or rights are missing, and the reference point may exist.
 * @param known the host's reference, as listed before; queried from the host if absent.
 */
export async function destroyReferencePoint(
  client: CimClient,
  vmId: Guid,
  referencePointId: string,
  signal: AbortSignal,
  known?: CimReference,
): Promise<void> {
  const find = (): Promise<ReferencedInstance | undefined> =>
    findByInstanceId(client, CLASS.referencePoint, referencePointId, signal);
  const reference = known ?? (await find())?.reference;
  if (reference === undefined) {
    await vmReferenceOf(client, vmId, signal);
    return;
  }
  const args = { AffectedReferencePoint: reference };
  try {
    await perform(client, OPERATION.destroyReferencePoint, args, signal);
  } catch (error) {
    // Another client may have destroyed it in the meantime, but only the host's list proves it.
    if (!isEngineError(error) || (await find()) !== undefined) throw error;
    await vmReferenceOf(client, vmId, signal);
    return;
  }
  await assertGone(client, CLASS.referencePoint, referencePointId, signal);
}

/** Milliseconds before each further search for the reference point that a finished call created. */
const LOOKS = [0, 100, 300, 900] as const;

/**
 * Runs a creating call and finds the new reference point: the one that the job is associated with,
 * or the one that did not exist before.
 */
async function making(
  client: CimClient,
  vmId: Guid,
  signal: AbortSignal,
  call: () => Promise<FinishedJob | undefined>,
  existing?: readonly string[],
): Promise<ReferencePoint> {
  const before = new Set(
    existing ?? (await listReferencePoints(client, vmId, signal)).map((each) => each.id),
  );
  const job = await call();
  if (job !== undefined) {
    const rows = await associatedWith(client, job, CLASS.referencePoint, signal);
    const [made, other] = rows.map(toReferencePoint).filter((each) => !before.has(each.id));
    if (made !== undefined && other === undefined) return made;
  }
  let fresh: ReferencePoint[] = [];
  for (const pause of LOOKS) {
    await delay(pause, signal);
    fresh = (await listReferencePoints(client, vmId, signal)).filter(
      (each) => !before.has(each.id),
    );
    if (fresh.length > 0) break;
  }
  const [only] = fresh;
  if (only !== undefined && fresh.length === 1) return only;
  throw hostError(
    'host.unclear',
    `${fresh.length} new reference points match the request; expected one. No reference point was changed`,
    { data: { vm: vmId, found: fresh.map((each) => each.id) } },
  );
}
