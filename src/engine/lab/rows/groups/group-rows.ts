import { cimInstance, type CimInstance } from '../../../cim/model.ts';
import { groupsOf } from '../../groups/groups.ts';
import type { Lab } from '../../model/lab.ts';
import { collectionId } from './group-ids.ts';

export const groups = (lab: Lab): CimInstance[] =>
  groupsOf(lab).map((group) =>
    cimInstance('Msvm_VirtualSystemCollection', {
      Caption: 'Virtual Machine Collection',
      CollectionID: collectionId(group),
      ElementName: group.name,
      InstanceID: collectionId(group),
    }),
  );

export const groupSnapshots = (lab: Lab): CimInstance[] =>
  groupsOf(lab).flatMap(({ snapshots }) =>
    snapshots.map((snapshot) =>
      cimInstance('Msvm_SnapshotCollection', {
        Caption: 'Snapshot Collection',
        CollectionID: collectionId(snapshot),
        ElementName: snapshot.name,
        InstanceID: collectionId(snapshot),
      }),
    ),
  );

/**
 * ConsistencyLevel is documented as 1 crash and 2 application, the reverse of the class of one VM: the lab
 * follows the documents (UNCONFIRMED).
 */
export const groupPoints = (lab: Lab): CimInstance[] =>
  groupsOf(lab).flatMap((group) =>
    group.referencePoints.map((point) =>
      cimInstance('Msvm_ReferencePointCollection', {
        Caption: 'Reference Point Collection',
        CollectionID: collectionId(point),
        ConsistencyLevel: point.consistency === 1 ? 2 : 1,
        ElementName: group.name,
        HasAssociatedLog: false,
        InstanceID: collectionId(point),
        ReferencePointType: 2,
        VirtualSystemCollectionId: collectionId(group),
      }),
    ),
  );
