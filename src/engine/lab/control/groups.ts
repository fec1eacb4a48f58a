import { tryParseGuid } from '../../base/guid.ts';
import { convertGroupSnapshot, createGroupSnapshot } from '../groups/group-snapshots.ts';
import { destroyGroupPoint, destroyGroupSnapshot } from '../groups/group-snapshots.ts';
import {
  addMember,
  defineGroup,
  destroyGroup,
  groupsOf,
  membersOf,
  removeMember,
} from '../groups/groups.ts';
import { labError } from '../lab-errors.ts';
import type { Lab } from '../model/lab.ts';
import type { LabGroup } from '../state/state.ts';
import type { GroupSummary } from './operations.ts';

/** Creates a collection with these VMs, as an administrator does. */
export async function createGroup(
  lab: Lab,
  { name, members }: { readonly name: string; readonly members: readonly string[] },
): Promise<GroupSummary> {
  if (name.trim() === '') throw labError('lab.argument', 'A group needs a name');
  const vms = members.map((each) => lab.vm(each));
  const group = await defineGroup(lab, name);
  for (const vm of vms) await addMember(lab, group, vm);
  return summary(lab, group);
}

/** Adds a VM to a collection, or takes it out, as an administrator does. */
export async function changeMember(
  lab: Lab,
  {
    group: name,
    vm,
    member,
  }: { readonly group: string; readonly vm: string; readonly member: boolean },
): Promise<GroupSummary> {
  const group = groupOf(lab, name);
  await (member ? addMember : removeMember)(lab, group, lab.vm(vm));
  return summary(lab, group);
}

export async function removeGroup(
  lab: Lab,
  { group: nameOrId }: { readonly group: string },
  signal: AbortSignal,
): Promise<{ id: string }> {
  const group = groupOf(lab, nameOrId);
  for (const each of group.snapshots) await destroyGroupSnapshot(lab, group, each, signal);
  for (const each of group.referencePoints) await destroyGroupPoint(lab, group, each, signal);
  await destroyGroup(lab, group);
  return { id: group.id };
}

export const listGroups = (lab: Lab): readonly GroupSummary[] =>
  groupsOf(lab).map((group) => summary(lab, group));

/** Freezes a collection as another product does; with `convert`, only a reference point stays. */
export async function snapshotGroup(
  lab: Lab,
  { group: nameOrId, convert }: { readonly group: string; readonly convert: boolean },
  signal: AbortSignal,
): Promise<{ id: string }> {
  const group = groupOf(lab, nameOrId);
  const request = { type: 'recovery', consistency: 2 } as const;
  const snapshot = await createGroupSnapshot(lab, group, request, signal);
  if (!convert) return { id: snapshot.id };
  return { id: (await convertGroupSnapshot(lab, group, snapshot, signal)).id };
}

function groupOf(lab: Lab, nameOrId: string): LabGroup {
  const id = tryParseGuid(nameOrId);
  const found = groupsOf(lab).filter((each) =>
    id === undefined ? each.name === nameOrId : each.id === id,
  );
  const [group] = found;
  if (group !== undefined && found.length === 1) return group;
  throw labError('lab.argument', `${found.length} groups of the lab are “${nameOrId}”`, {
    data: { found: nameOrId, expected: groupsOf(lab).map(({ name }) => name) },
  });
}

const summary = (lab: Lab, group: LabGroup): GroupSummary => ({
  id: group.id,
  name: group.name,
  members: membersOf(lab, group).map(({ id, name }) => ({ id, name })),
  snapshots: group.snapshots.map(({ id }) => id),
  referencePoints: group.referencePoints.map(({ id }) => id),
});
