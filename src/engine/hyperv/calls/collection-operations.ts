import { CLASS } from '../wmi-classes.ts';
import type { Operation } from './operation.ts';

const CHANGE = { changes: true, repeatable: false, waitsForState: true, records: false } as const;
const READ = { changes: false, repeatable: true, waitsForState: false, records: false } as const;
const JOB = { Job: 'reference' } as const;

/**
 * Methods of Hyper-V about collections of VMs, their snapshots and reference points, and VHD Sets
 * (hyperv-wmi 2.4, 2.5). CreateSnapshot does not wait for the state: 32775 means there that a shared disk
 * has no owner or several.
 */
export const COLLECTION_OPERATION = {
  defineCollection: {
    ...CHANGE,
    className: CLASS.collectionService,
    method: 'DefineCollection',
    in: { Name: 'string', Id: 'string', Type: 'uint16' },
    out: { DefinedCollection: 'reference', ...JOB },
  },
  addMember: {
    ...CHANGE,
    className: CLASS.collectionService,
    method: 'AddMember',
    in: { Member: 'reference', Collection: 'reference' },
    out: JOB,
  },
  createGroupSnapshot: {
    ...CHANGE,
    waitsForState: false,
    records: true,
    className: CLASS.collectionSnapshotService,
    method: 'CreateSnapshot',
    in: {
      Collection: 'reference',
      SnapshotSettings: {
        embedded: CLASS.snapshotSettings,
        properties: {
          ConsistencyLevel: 'uint8',
          IgnoreNonSnapshottableDisks: 'boolean',
          GuestBackupType: 'uint8',
        },
      },
      SnapshotType: 'uint16',
    },
    out: { ResultingSnapshotCollection: 'reference', ...JOB },
  },
  destroyGroupSnapshot: {
    ...CHANGE,
    className: CLASS.collectionSnapshotService,
    method: 'DestroySnapshot',
    in: { AffectedSnapshotCollection: 'reference' },
    out: JOB,
  },
  convertGroupSnapshot: {
    ...CHANGE,
    records: true,
    className: CLASS.collectionSnapshotService,
    method: 'ConvertToReferencePoint',
    in: { AffectedSnapshotCollection: 'reference' },
    out: { ResultingReferencePointCollection: 'reference', ...JOB },
  },
  destroyGroupReferencePoint: {
    ...CHANGE,
    className: CLASS.collectionReferencePointService,
    method: 'DestroyReferencePoint',
    in: { AffectedReferencePointCollection: 'reference' },
    out: JOB,
  },
  getVhdSetInformation: {
    ...READ,
    className: CLASS.imageService,
    method: 'GetVHDSetInformation',
    in: { VHDSetPath: 'string', AdditionalInformation: 'uint32[]' },
    out: { Information: 'string', ...JOB },
  },
  getVhdSnapshotInformation: {
    ...READ,
    className: CLASS.imageService,
    method: 'GetVHDSnapshotInformation',
    in: { VHDSetPath: 'string', SnapshotIds: 'string[]', AdditionalInformation: 'uint32[]' },
    out: { SnapshotInformation: 'string[]', ...JOB },
  },
  queryGuestClusterInformation: {
    ...READ,
    className: CLASS.vssService,
    method: 'QueryGuestClusterInformation',
    in: {},
    out: { GuestClusterInformation: 'string', ...JOB },
  },
} as const satisfies Readonly<Record<string, Operation>>;
