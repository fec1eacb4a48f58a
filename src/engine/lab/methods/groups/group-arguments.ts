import type { CimValue } from '../../../cim/model.ts';
import { groupsOf } from '../../groups/groups.ts';
import type { Lab } from '../../model/lab.ts';
import {
  groupPointReference,
  groupReference,
  groupSnapshotReference,
} from '../../rows/groups/group-ids.ts';
import type { LabGroup, LabGroupPoint, LabGroupSnapshot } from '../../state/state.ts';
import { names } from '../contract/arguments.ts';

/** Returns the collection of VMs that a reference names with all its keys. */
export const groupArgument = (lab: Lab, value: CimValue | undefined): LabGroup | undefined =>
  groupsOf(lab).find((group) => names(value, groupReference(group)));

export function snapshotArgument(
  lab: Lab,
  value: CimValue | undefined,
): { readonly group: LabGroup; readonly snapshot: LabGroupSnapshot } | undefined {
  for (const group of groupsOf(lab)) {
    const snapshot = group.snapshots.find((each) => names(value, groupSnapshotReference(each)));
    if (snapshot !== undefined) return { group, snapshot };
  }
  return undefined;
}

/** Returns the reference point collection with both keys of the value. */
export function pointArgument(
  lab: Lab,
  value: CimValue | undefined,
): { readonly group: LabGroup; readonly point: LabGroupPoint } | undefined {
  for (const group of groupsOf(lab)) {
    const point = group.referencePoints.find((each) =>
      names(value, groupPointReference(group, each)),
    );
    if (point !== undefined) return { group, point };
  }
  return undefined;
}
