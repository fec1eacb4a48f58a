import { CLASS } from '../wmi-classes.ts';
import type { Operation } from './operation.ts';

/** A change that is retried only if the host reports that nothing was done. */
const CHANGE = { changes: true, repeatable: false, waitsForState: true, records: false } as const;
/** A change that creates objects that a ledger records. */
const MAKING = { ...CHANGE, records: true } as const;
const READ = { changes: false, repeatable: true, waitsForState: false, records: false } as const;

const JOB = { Job: 'reference' } as const;

/** The methods of Hyper-V that Refpoint calls. */
export const OPERATION = {
  createSnapshot: {
    className: CLASS.snapshotService,
    method: 'CreateSnapshot',
    in: {
      AffectedSystem: 'reference',
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
    out: { ...JOB, ResultingSnapshot: 'reference' },
    ...MAKING,
  },
  destroySnapshot: {
    className: CLASS.snapshotService,
    method: 'DestroySnapshot',
    in: { AffectedSnapshot: 'reference' },
    out: JOB,
    ...CHANGE,
  },
  convertToReferencePoint: {
    className: CLASS.snapshotService,
    method: 'ConvertToReferencePoint',
    in: { AffectedSnapshot: 'reference' },
    out: { ...JOB, ResultingReferencePoint: 'reference' },
    ...MAKING,
  },
  createReferencePoint: {
    className: CLASS.referencePointService,
    method: 'CreateReferencePoint',
    in: {
      AffectedSystem: 'reference',
      ReferencePointSettings: {
        embedded: CLASS.referencePointSettings,
        properties: { ConsistencyLevel: 'uint8' },
      },
      ReferencePointType: 'uint16',
    },
    out: { ...JOB, ResultingReferencePoint: 'reference' },
    ...MAKING,
  },
  destroyReferencePoint: {
    className: CLASS.referencePointService,
    method: 'DestroyReferencePoint',
    in: { AffectedReferencePoint: 'reference' },
    out: JOB,
    ...CHANGE,
  },
  exportSystemDefinition: {
    className: CLASS.managementService,
    method: 'ExportSystemDefinition',
    in: {
      ComputerSystem: 'reference',
      ExportDirectory: 'string',
      ExportSettingData: {
        embedded: CLASS.exportSettings,
        properties: {
          InstanceID: 'string',
          CopySnapshotConfiguration: 'uint8',
          CopyVmRuntimeInformation: 'boolean',
          CopyVmStorage: 'boolean',
          CreateVmExportSubdirectory: 'boolean',
          SnapshotVirtualSystem: 'string',
          BackupIntent: 'uint8',
          DifferentialBackupBase: 'string',
        },
      },
    },
    out: JOB,
    ...CHANGE,
  },
  modifyDiskMergeSettings: {
    className: CLASS.managementService,
    method: 'ModifyDiskMergeSettings',
    in: {
      SettingData: {
        embedded: CLASS.diskMergeSettings,
        properties: { InstanceID: 'string', EnabledState: 'uint32' },
      },
    },
    out: JOB,
    ...CHANGE,
  },
  getVirtualHardDiskSettingData: {
    className: CLASS.imageService,
    method: 'GetVirtualHardDiskSettingData',
    in: { Path: 'string' },
    out: { ...JOB, SettingData: 'string' },
    ...READ,
  },
  getVirtualDiskChanges: {
    className: CLASS.imageService,
    method: 'GetVirtualDiskChanges',
    in: {
      Path: 'string',
      LimitId: 'string',
      TargetSnapshotId: 'string',
      ByteOffset: 'uint64',
      ByteLength: 'uint64',
    },
    out: {
      ...JOB,
      ProcessedByteLength: 'uint64',
      ChangedByteOffsets: 'uint64[]',
      ChangedByteLengths: 'uint64[]',
    },
    ...READ,
  },
  getErrorEx: {
    className: CLASS.concreteJob,
    method: 'GetErrorEx',
    in: {},
    out: { Errors: 'string[]' },
    ...READ,
  },
  requestStateChange: {
    className: CLASS.concreteJob,
    method: 'RequestStateChange',
    in: { RequestedState: 'uint16' },
    out: JOB,
    changes: true,
    repeatable: false,
    waitsForState: false,
    records: false,
  },
} as const satisfies Readonly<Record<string, Operation>>;
