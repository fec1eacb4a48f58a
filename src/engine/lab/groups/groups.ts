/**
 * Collections of VMs of the lab: `groups.ts` has the collections, `group-snapshots.ts` their snapshots
 * and reference points, `shared-sets.ts` the VHD Sets that the members share.
 */
import { newGuid, type Guid } from '../../base/guid.ts';
import { JobFailure } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';
import type { LabGroup, LabVm } from '../state/state.ts';

const INVALID_PARAMETER = 32773;
const INVALID_STATE = 32775;

export const groupsOf = (lab: Lab): readonly LabGroup[] => lab.state.groups ?? [];

/** Creates a collection without members. Fails as a job does if the ID exists. */
export async function defineGroup(lab: Lab, name: string, id: Guid = newGuid()): Promise<LabGroup> {
  if (groupsOf(lab).some((each) => each.id === id)) {
    throw new JobFailure(INVALID_PARAMETER, `A collection with the ID ${id} exists.`);
  }
  const group: LabGroup = { id, name, members: [], snapshots: [], referencePoints: [] };
  lab.state.groups = [...groupsOf(lab), group];
  await lab.save();
  return group;
}

/** Removes a collection; its VMs stay. Fails if it has snapshots or reference points. */
export async function destroyGroup(lab: Lab, group: LabGroup): Promise<void> {
  requireUnused(group);
  lab.state.groups = groupsOf(lab).filter((each) => each !== group);
  await lab.save();
}

export async function renameGroup(lab: Lab, group: LabGroup, name: string): Promise<void> {
  group.name = name;
  await lab.save();
}

export async function addMember(lab: Lab, group: LabGroup, vm: LabVm): Promise<void> {
  requireUnfrozen(group);
  if (group.members.includes(vm.id)) {
    throw new JobFailure(INVALID_PARAMETER, `“${vm.name}” is a member already.`);
  }
  group.members.push(vm.id);
  await lab.save();
}

export async function removeMember(lab: Lab, group: LabGroup, vm: LabVm): Promise<void> {
  requireUnfrozen(group);
  if (!group.members.includes(vm.id)) {
    throw new JobFailure(INVALID_PARAMETER, `“${vm.name}” is not a member.`);
  }
  group.members = group.members.filter((id) => id !== vm.id);
  await lab.save();
}

/** Returns the members that the host still has. */
export const membersOf = (lab: Lab, { members }: LabGroup): readonly LabVm[] =>
  members.flatMap((id) => lab.vms.find((vm) => vm.id === id) ?? []);

/** The behaviour of a real host is UNCONFIRMED here. */
function requireUnused(group: LabGroup): void {
  requireUnfrozen(group);
  if (group.referencePoints.length === 0) return;
  throw new JobFailure(INVALID_STATE, 'The collection has reference points.');
}

function requireUnfrozen(group: LabGroup): void {
  if (group.snapshots.length === 0) return;
  throw new JobFailure(INVALID_STATE, 'The collection has snapshots.');
}
