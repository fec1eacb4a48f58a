import type { CimMethodDeclaration } from '../wmi/repository.ts';
import { declareMethod } from './declare.ts';

const JOB_OUT = 'out Job:ref';

/** Methods of the collection services and of the guest's VSS service (hyperv-wmi 1.6, 2.5). */
export const COLLECTION_METHODS: Readonly<Record<string, readonly CimMethodDeclaration[]>> = {
  Msvm_CollectionManagementService: [
    declareMethod(
      'DefineCollection',
      `in Name:string | in Id:string | in Type:u16 | out DefinedCollection:ref | ${JOB_OUT}`,
    ),
    declareMethod('DestroyCollection', `in Collection:ref | ${JOB_OUT}`),
    declareMethod('RenameCollection', `in Collection:ref | in NewName:string | ${JOB_OUT}`),
    declareMethod('AddMember', `in Member:ref | in Collection:ref | ${JOB_OUT}`),
    declareMethod('RemoveMember', `in Member:ref | in Collection:ref | ${JOB_OUT}`),
    declareMethod('RemoveMemberById', `in Member:ref | in CollectionId:string | ${JOB_OUT}`),
  ],
  Msvm_CollectionSnapshotService: [
    declareMethod(
      'CreateSnapshot',
      `in Collection:ref | in SnapshotSettings:string embedded | in SnapshotType:u16 |
       inout ResultingSnapshotCollection:ref | ${JOB_OUT}`,
    ),
    declareMethod('DestroySnapshot', `in AffectedSnapshotCollection:ref | ${JOB_OUT}`),
    declareMethod('ApplySnapshot', `in SnapshotCollection:ref | ${JOB_OUT}`),
    declareMethod(
      'ExportSnapshot',
      `in SnapshotCollection:ref | in ExportDirectory:string |
       in ExportSettingData:string embedded | ${JOB_OUT}`,
    ),
    declareMethod(
      'ConvertToReferencePoint',
      `in AffectedSnapshotCollection:ref | inout ResultingReferencePointCollection:ref | ${JOB_OUT}`,
    ),
  ],
  Msvm_CollectionReferencePointService: [
    declareMethod(
      'CreateReferencePoint',
      `in Collection:ref | in ReferencePointSettings:string embedded | in ReferencePointType:u16 |
       inout ResultingReferencePointCollection:ref | ${JOB_OUT}`,
    ),
    declareMethod('DestroyReferencePoint', `in AffectedReferencePointCollection:ref | ${JOB_OUT}`),
    declareMethod('RemoveAssociatedData', `in AffectedReferencePointCollection:ref | ${JOB_OUT}`),
    declareMethod(
      'ExportReferencePoint',
      `in ReferencePointCollection:ref | in ExportDirectory:string |
       in ExportSettingData:string embedded | ${JOB_OUT}`,
    ),
  ],
  Msvm_VssService: [
    declareMethod(
      'QueryGuestClusterInformation',
      `out GuestClusterInformation:string embedded | ${JOB_OUT}`,
    ),
  ],
};
