import { cimInstance, type CimInstance } from '../../cim/model.ts';
import { OPERATION, type Lab } from '../model/lab.ts';
import type { LabVm } from '../state/state.ts';
import { caption } from '../texts/captions.ts';
import type { Near } from '../wmi/repository.ts';
import { NEVER, vmId } from './shared/ids.ts';
import { systemsNear, vmsNear } from './shared/near.ts';

const RUNNING = 2;

/**
 * Yields the host itself and one row per VM, distinguished by Name, which is a GUID only for VMs.
 */
export function* computerSystems(lab: Lab, near?: Near): Generator<CimInstance> {
  const { machineName, language } = lab.state;
  yield cimInstance('Msvm_ComputerSystem', {
    Caption: caption(language, 'Hosting Computer System'),
    CreationClassName: 'Msvm_ComputerSystem',
    Description: caption(language, 'Microsoft Hosting Computer System'),
    ElementName: machineName,
    EnabledDefault: 2,
    EnabledState: 2,
    HealthState: 5,
    Name: machineName,
    OperationalStatus: [2],
    RequestedState: 12,
    ResetCapability: 1,
    Status: 'OK',
    StatusDescriptions: ['OK'],
    TimeOfLastStateChange: NEVER,
  });
  for (const vm of vmsNear(lab, near)) yield virtualMachine(lab, vm);
}

/** Yields the planned VMs: imported, and not realized yet. */
export function* plannedSystems(lab: Lab, near?: Near): Generator<CimInstance> {
  const className = 'Msvm_PlannedComputerSystem';
  for (const vm of systemsNear(lab, near)) {
    if (vm.planned !== true) continue;
    yield cimInstance(className, {
      AssignedNumaNodeList: [],
      Caption: caption(lab.state.language, 'Virtual Machine'),
      CreationClassName: className,
      Description: 'Microsoft Virtual Machine',
      ElementName: vm.name,
      EnabledDefault: 2,
      EnabledState: vm.enabledState,
      HealthState: 5,
      InstallDate: vm.created,
      Name: vmId(vm),
      OnTimeInMilliseconds: 0n,
      OperationalStatus: [2],
      RequestedState: 12,
      ResetCapability: 1,
      Status: 'OK',
      TimeOfLastConfigurationChange: vm.created,
      TimeOfLastStateChange: vm.created,
    });
  }
}

/** Returns OperationalStatus[1]: present only while an operation runs. */
export function operationOf(lab: Lab, vm: LabVm): number | undefined {
  return lab.operations.get(vm.id) ?? (lab.merging.has(vm.id) ? OPERATION.merging : undefined);
}

function virtualMachine(lab: Lab, vm: LabVm): CimInstance {
  const busy = operationOf(lab, vm);
  const { language } = lab.state;
  const changed = vm.stateChanged ?? vm.created;
  return cimInstance('Msvm_ComputerSystem', {
    Caption: caption(language, 'Virtual Machine'),
    CreationClassName: 'Msvm_ComputerSystem',
    Description: 'Microsoft Virtual Machine',
    ElementName: vm.name,
    EnabledDefault: 2,
    EnabledState: vm.enabledState,
    EnhancedSessionModeState: 2,
    FailedOverReplicationType: 0,
    HealthState: 5,
    HwThreadsPerCoreRealized: 1,
    InstallDate: vm.created,
    LastApplicationConsistentReplicationTime: NEVER,
    LastReplicationTime: NEVER,
    LastReplicationType: 0,
    Name: vmId(vm),
    NumberOfNumaNodes: 1,
    OnTimeInMilliseconds:
      vm.enabledState === RUNNING ? BigInt(Math.max(0, Date.now() - Date.parse(changed))) : 0n,
    OperationalStatus: busy === undefined ? [2] : [2, busy],
    ProcessID: vm.enabledState === RUNNING ? 4242 : null,
    ReplicationHealth: 0,
    ReplicationMode: 0,
    ReplicationState: 0,
    RequestedState: 12,
    ResetCapability: 1,
    Status: 'OK',
    StatusDescriptions: [caption(language, 'Operating normally')],
    TimeOfLastConfigurationChange: vm.created,
    TimeOfLastStateChange: changed,
  });
}
