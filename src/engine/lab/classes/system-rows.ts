import { cimInstance, type CimInstance } from '../../cim/model.ts';
import { configurationFolder } from '../files/host-paths.ts';
import { OPERATION, type Lab } from '../model/lab.ts';
import type { LabCheckpoint, LabVm } from '../state/state.ts';
import { settingsId, vmId } from './ids.ts';

const NEVER = '1601-01-01T00:00:00Z';

/**
 * Returns the host itself and one row per VM, distinguished by Name, which is a GUID only for VMs.
 */
export function computerSystems(lab: Lab): CimInstance[] {
  const { machineName } = lab.state;
  const host: CimInstance = cimInstance('Msvm_ComputerSystem', {
    Caption: 'Hosting Computer System',
    CreationClassName: 'Msvm_ComputerSystem',
    Description: 'Microsoft Hosting Computer System',
    ElementName: machineName,
    EnabledState: 2,
    HealthState: 5,
    Name: machineName,
    OperationalStatus: [2],
  });
  return [host, ...lab.state.vms.map((vm) => virtualMachine(lab, vm))];
}

function virtualMachine(lab: Lab, vm: LabVm): CimInstance {
  const busy =
    lab.operations.get(vm.id) ?? (lab.merging.has(vm.id) ? OPERATION.merging : undefined);
  return cimInstance('Msvm_ComputerSystem', {
    Caption: 'Virtual Machine',
    CreationClassName: 'Msvm_ComputerSystem',
    Description: 'Microsoft Virtual Machine',
    ElementName: vm.name,
    EnabledDefault: 2,
    EnabledState: vm.enabledState,
    HealthState: 5,
    InstallDate: vm.created,
    LastApplicationConsistentReplicationTime: NEVER,
    LastReplicationTime: NEVER,
    Name: vmId(vm),
    NumberOfNumaNodes: 1,
    OnTimeInMilliseconds:
      vm.enabledState === 2 ? BigInt(Math.max(0, Date.now() - Date.parse(vm.created))) : 0n,
    OperationalStatus: busy === undefined ? [2] : [2, busy],
    ProcessID: vm.enabledState === 2 ? 4242 : null,
    ReplicationHealth: 0,
    ReplicationMode: 0,
    ReplicationState: 0,
    RequestedState: 12,
    Status: 'OK',
    StatusDescriptions: ['Operating normally'],
    TimeOfLastConfigurationChange: vm.created,
    TimeOfLastStateChange: vm.created,
  });
}

/** Returns the active settings of every VM and those of its checkpoints. */
export function systemSettings(lab: Lab): CimInstance[] {
  return lab.state.vms.flatMap((vm) => [
    settings(lab, vm, undefined),
    ...vm.checkpoints.map((checkpoint) => settings(lab, vm, checkpoint)),
  ]);
}

function settings(lab: Lab, vm: LabVm, checkpoint: LabCheckpoint | undefined): CimInstance {
  const owner = (checkpoint?.id ?? vm.id).toUpperCase();
  const folder = checkpoint === undefined ? 'Virtual Machines' : 'Snapshots';
  const root = configurationFolder(vm.id);
  const parent =
    checkpoint === undefined
      ? // The base of the active state: the last user checkpoint.
        vm.checkpoints.findLast((each) => each.type === 'user')?.id
      : checkpoint.parent;
  return cimInstance('Msvm_VirtualSystemSettingData', {
    AutomaticSnapshotsEnabled: false,
    BIOSGUID: `{${vmId(vm)}}`,
    Caption: checkpoint === undefined ? 'Virtual Machine Settings' : 'Snapshot Settings',
    ConfigurationDataRoot: root,
    ConfigurationFile: `${folder}\\${owner}.vmcx`,
    ConfigurationID: owner,
    CreationTime: checkpoint?.created ?? vm.created,
    Description: 'Active settings for the virtual machine.',
    ElementName: checkpoint?.name ?? vm.name,
    GuestStateFile: `${folder}\\${owner}.vmgs`,
    IncrementalBackupEnabled: false,
    InstanceID: settingsId(owner),
    IsAutomaticSnapshot: false,
    IsSaved: vm.enabledState === 6,
    Notes: [],
    Parent:
      parent === undefined || parent === null
        ? null
        : `\\\\${lab.state.machineName}\\root\\virtualization\\v2:Msvm_VirtualSystemSettingData.InstanceID="${settingsId(parent)}"`,
    SnapshotDataRoot: root,
    UserSnapshotType: 3,
    Version: vm.configurationVersion,
    VirtualNumaEnabled: true,
    VirtualSystemIdentifier: vmId(vm),
    VirtualSystemSubType: `Microsoft:Hyper-V:SubType:${vm.generation}`,
    VirtualSystemType: virtualSystemType(checkpoint),
  });
}

function virtualSystemType(checkpoint: LabCheckpoint | undefined): string {
  if (checkpoint === undefined) return 'Microsoft:Hyper-V:System:Realized';
  return checkpoint.type === 'user'
    ? 'Microsoft:Hyper-V:Snapshot:Realized'
    : 'Microsoft:Hyper-V:Snapshot:Recovery';
}

/** Returns the guests' VSS requestors; without a running guest there is no contact. */
export function vssComponents(lab: Lab): CimInstance[] {
  return lab.state.vms.map((vm) =>
    cimInstance('Msvm_VssComponent', {
      Caption: 'VSS',
      CreationClassName: 'Msvm_VssComponent',
      Description: 'Microsoft VSS Component',
      DeviceID: `Microsoft:${vmId(vm)}\\5CED1297-4598-4915-A5FC-AD21BB4D02A4`,
      ElementName: 'Backup (volume shadow copy)',
      EnabledState: 2,
      OperationalStatus: [vm.enabledState === 2 ? 2 : 12],
      SystemCreationClassName: 'Msvm_ComputerSystem',
      SystemName: vmId(vm),
    }),
  );
}
