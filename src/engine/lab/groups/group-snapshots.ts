import { newGuid, type Guid } from '../../base/guid.ts';
import {
  convertCheckpoint,
  destroyCheckpoint,
  destroyReferencePoint,
  during,
  freeze,
  INVALID_STATE,
  requireReady,
  type NewCheckpoint,
} from '../model/checkpoints.ts';
import { JobFailure } from '../model/jobs.ts';
import { OPERATION, type Lab } from '../model/lab.ts';
import type {
  LabGroup,
  LabGroupPoint,
  LabGroupSnapshot,
  LabVm,
  SetPosition,
} from '../state/state.ts';
import { membersOf } from './groups.ts';
import { requireFreezable, sharedFiles } from './shared-members.ts';
import { deleteSetSnapshot, snapshotSet } from './shared-sets.ts';

/** Hyper-V's “failed”. */
const FAILED = 32768;

/**
 * Freezes all members at one instant: no guest writes in between, because all locks are held. Each
 * shared disk gets one snapshot, whatever the number of its holders.
 */
export async function createGroupSnapshot(
  lab: Lab,
  group: LabGroup,
  request: NewCheckpoint,
  signal: AbortSignal,
): Promise<LabGroupSnapshot> {
  requireHere(lab, group.members);
  const vms = membersOf(lab, group);
  if (vms.length === 0) throw new JobFailure(INVALID_STATE, 'The collection has no members.');
  for (const vm of vms) requireReady(lab, vm, request);
  requireFreezable(lab, vms);
  return allExclusively(lab, vms, signal, async () => {
    const shared: SetPosition[] = [];
    for (const file of sharedFiles(vms)) {
      shared.push({ file, snapshotId: await snapshotSet(lab, file) });
    }
    const ids = new Map<string, Guid>(
      shared.map(({ file, snapshotId }) => [file.toLowerCase(), snapshotId]),
    );
    const members: { vm: Guid; checkpoint: Guid }[] = [];
    for (const vm of vms) {
      const { id } = await freeze(lab, vm, { ...request, shared: ids }, signal);
      members.push({ vm: vm.id, checkpoint: id });
    }
    const { type, consistency } = request;
    const name = `${group.name} - (${new Date().toISOString().slice(0, 19).replace('T', ' - ')})`;
    const snapshot = { id: newGuid(), name, type, consistency, members, shared };
    group.snapshots.push(snapshot);
    await lab.save();
    return snapshot;
  });
}

/** Removes a snapshot collection with the checkpoints and the snapshots of shared disks in it. */
export async function destroyGroupSnapshot(
  lab: Lab,
  group: LabGroup,
  snapshot: LabGroupSnapshot,
  signal: AbortSignal,
): Promise<void> {
  requirePresent(group.snapshots, snapshot);
  requireHere(lab, idsIn(snapshot));
  for (const { vm, checkpoint } of checkpointsIn(lab, snapshot)) {
    await destroyCheckpoint(lab, vm, checkpoint, signal);
  }
  for (const { file, snapshotId } of snapshot.shared) {
    await deleteSetSnapshot(lab, file, snapshotId, false);
  }
  group.snapshots = group.snapshots.filter((each) => each !== snapshot);
  await lab.save();
}

/**
 * Converts a recovery snapshot collection: each checkpoint becomes a reference point, and of each
 * shared disk's snapshot only the reference stays, from which changes can be queried.
 */
export async function convertGroupSnapshot(
  lab: Lab,
  group: LabGroup,
  snapshot: LabGroupSnapshot,
  signal: AbortSignal,
): Promise<LabGroupPoint> {
  requirePresent(group.snapshots, snapshot);
  requireHere(lab, idsIn(snapshot));
  if (snapshot.type !== 'recovery') {
    // The code of a real host is UNCONFIRMED here.
    throw new JobFailure(INVALID_STATE, 'Only a recovery snapshot can become a reference point.');
  }
  const members: { vm: Guid; point: string }[] = [];
  for (const { vm, checkpoint } of checkpointsIn(lab, snapshot)) {
    const { instanceId } = await convertCheckpoint(lab, vm, checkpoint, signal);
    members.push({ vm: vm.id, point: instanceId });
  }
  for (const { file, snapshotId } of snapshot.shared) {
    await deleteSetSnapshot(lab, file, snapshotId, true);
  }
  const { consistency, shared } = snapshot;
  const point: LabGroupPoint = { id: newGuid(), consistency, members, shared };
  group.snapshots = group.snapshots.filter((each) => each !== snapshot);
  group.referencePoints.push(point);
  await lab.save();
  return point;
}

/** Removes a reference point collection with the reference points and references in it. */
export async function destroyGroupPoint(
  lab: Lab,
  group: LabGroup,
  point: LabGroupPoint,
  signal: AbortSignal,
): Promise<void> {
  requirePresent(group.referencePoints, point);
  requireHere(lab, idsIn(point));
  // Found before the first is removed: a member that moves meanwhile waits for this job.
  const found = point.members.flatMap(({ vm: id, point: instanceId }) => {
    const vm = lab.vms.find((each) => each.id === id);
    const own = vm?.referencePoints.find((each) => each.instanceId === instanceId);
    return vm === undefined || own === undefined ? [] : [{ vm, own }];
  });
  for (const { vm, own } of found) await destroyReferencePoint(lab, vm, own, signal);
  for (const { file, snapshotId } of point.shared) {
    await deleteSetSnapshot(lab, file, snapshotId, false);
  }
  group.referencePoints = group.referencePoints.filter((each) => each !== point);
  await lab.save();
}

/** Returns the checkpoints that still exist: somebody may have removed one of them alone. */
function checkpointsIn(
  lab: Lab,
  { members }: LabGroupSnapshot,
): { readonly vm: LabVm; readonly checkpoint: LabVm['checkpoints'][number] }[] {
  return members.flatMap(({ vm: id, checkpoint: wanted }) => {
    const vm = lab.vms.find((each) => each.id === id);
    const checkpoint = vm?.checkpoints.find((each) => each.id === wanted);
    return vm === undefined || checkpoint === undefined ? [] : [{ vm, checkpoint }];
  });
}

/** Runs `task` with the locks of all VMs, taken in one order, and shows them as busy. */
function allExclusively<T>(
  lab: Lab,
  vms: readonly LabVm[],
  signal: AbortSignal,
  task: () => Promise<T>,
): Promise<T> {
  return [...vms]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .reduce<() => Promise<T>>(
      (inner, vm) => () =>
        during(lab, vm, OPERATION.creatingSnapshot, () => lab.exclusively(vm, inner, signal)),
      task,
    )();
}

function requirePresent<T>(list: readonly T[], item: T): void {
  if (list.includes(item)) return;
  throw new JobFailure(INVALID_STATE, 'The collection does not exist any more.');
}

const idsIn = ({ members }: LabGroupSnapshot | LabGroupPoint): readonly Guid[] =>
  members.map(({ vm }) => vm);

/**
 * Throws before anything is changed if one of the VMs moved to another node with its checkpoints and
 * reference points. A host that skipped this VM would strand them: no collection would list them, and
 * the VM would take no other backup checkpoint. That a real host fails, and its code, is UNCONFIRMED.
 */
function requireHere(lab: Lab, ids: readonly Guid[]): void {
  const away = lab.state.vms.find(({ id, movedTo }) => movedTo !== undefined && ids.includes(id));
  if (away === undefined) return;
  throw new JobFailure(FAILED, `“${away.name}” is not on this host.`);
}
