import { CLASS } from '../wmi-classes.ts';
import type { Operation } from './operation.ts';

/** A change of a system: retried only if the host reports that nothing was done. */
const CHANGE = {
  className: CLASS.managementService,
  changes: true,
  repeatable: false,
  waitsForState: true,
  records: false,
} as const;
/** A change that makes a system, which a ledger records. */
const MAKING = { ...CHANGE, waitsForState: false, records: true } as const;

const JOB = { Job: 'reference' } as const;

/** Methods of Hyper-V that import, define, change and destroy systems (hyperv-wmi 2.3). */
export const SYSTEM_OPERATION = {
  importSystemDefinition: {
    ...MAKING,
    method: 'ImportSystemDefinition',
    // SnapshotFolder is omitted: checkpoints do not travel along.
    in: { SystemDefinitionFile: 'string', GenerateNewSystemIdentifier: 'boolean' },
    out: { ImportedSystem: 'reference', ...JOB },
  },
  defineSystem: {
    ...MAKING,
    method: 'DefineSystem',
    in: { SystemSettings: 'instance', ResourceSettings: 'instances' },
    out: { ResultingSystem: 'reference', ...JOB },
  },
  modifySystemSettings: {
    ...CHANGE,
    method: 'ModifySystemSettings',
    in: { SystemSettings: 'instance' },
    out: JOB,
  },
  addResourceSettings: {
    ...CHANGE,
    method: 'AddResourceSettings',
    in: { AffectedConfiguration: 'reference', ResourceSettings: 'instances' },
    out: JOB,
  },
  modifyResourceSettings: {
    ...CHANGE,
    method: 'ModifyResourceSettings',
    in: { ResourceSettings: 'instances' },
    out: JOB,
  },
  /** The same method for the disks of a VM that exists: a ledger records the call and its job. */
  attachDisks: {
    ...CHANGE,
    records: true,
    method: 'ModifyResourceSettings',
    in: { ResourceSettings: 'instances' },
    out: JOB,
  },
  removeResourceSettings: {
    ...CHANGE,
    method: 'RemoveResourceSettings',
    in: { ResourceSettings: 'references' },
    out: JOB,
  },
  validatePlannedSystem: {
    ...CHANGE,
    method: 'ValidatePlannedSystem',
    in: { PlannedSystem: 'reference' },
    out: JOB,
  },
  realizePlannedSystem: {
    ...CHANGE,
    method: 'RealizePlannedSystem',
    in: { PlannedSystem: 'reference' },
    out: { ResultingSystem: 'reference', ...JOB },
  },
  destroySystem: {
    ...CHANGE,
    method: 'DestroySystem',
    in: { AffectedSystem: 'reference' },
    out: JOB,
  },
  startSystem: {
    ...CHANGE,
    className: CLASS.computerSystem,
    method: 'RequestStateChange',
    in: { RequestedState: 'uint16' },
    out: JOB,
  },
} as const satisfies Readonly<Record<string, Operation>>;
