import type { CimReference } from '../../../cim/model.ts';
import type { LabGroup, LabGroupPoint, LabGroupSnapshot } from '../../state/state.ts';

/** Whether CollectionID is in upper case on a real host is UNCONFIRMED. */
export const collectionId = ({ id }: { readonly id: string }): string => id.toUpperCase();

export const groupReference = (group: LabGroup): CimReference => ({
  className: 'Msvm_VirtualSystemCollection',
  keys: { CollectionID: collectionId(group) },
});

export const groupSnapshotReference = (snapshot: LabGroupSnapshot): CimReference => ({
  className: 'Msvm_SnapshotCollection',
  keys: { CollectionID: collectionId(snapshot) },
});

/** Both keys of the class: CollectionID alone does not identify a reference point collection. */
export const groupPointReference = (group: LabGroup, point: LabGroupPoint): CimReference => ({
  className: 'Msvm_ReferencePointCollection',
  keys: { CollectionID: collectionId(point), VirtualSystemCollectionId: collectionId(group) },
});
