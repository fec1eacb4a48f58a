import { cimInstance, type CimInstance, type CimValue } from '../../cim/model.ts';
import { configurationFolder } from '../files/host-paths.ts';
import type { Lab } from '../model/lab.ts';
import type { LabCheckpoint, LabVm } from '../state/state.ts';
import { BOOT_SOURCE, bootOrder } from './shared/boot-sources.ts';
import { caption } from '../texts/captions.ts';
import type { Near } from '../wmi/repository.ts';
import { withChanges } from './hardware/hardware-rows.ts';
import { settingsId, vmId } from './shared/ids.ts';
import { guidOf } from '../state/derived-guid.ts';
import { objectPath, owners, type Owner } from './shared/owners.ts';

const VSSD = 'Msvm_VirtualSystemSettingData';

/** Yields the active settings of every VM and those of its checkpoints. */
export function* systemSettings(lab: Lab, near?: Near): Generator<CimInstance> {
  for (const owner of owners(lab, near)) yield settings(lab, owner);
}

function settings(lab: Lab, { vm, checkpoint, id }: Owner): CimInstance {
  const owner = id.toUpperCase();
  const folder = checkpoint === undefined ? 'Virtual Machines' : 'Snapshots';
  const root = configurationFolder(vm.id);
  const { language } = lab.state;
  const kind = checkpoint === undefined ? 'Virtual Machine Settings' : 'Snapshot Settings';
  const serial = guidOf(vm.id).replace(/\D/g, '').padEnd(26, '7');
  const serialNumber = `${serial.slice(0, 16).replace(/(.{4})/g, '$1-')}${serial.slice(16, 26)}`;
  const parent =
    checkpoint === undefined
      ? // The base of the active state: the last user checkpoint.
        vm.checkpoints.findLast((each) => each.type === 'user')?.id
      : checkpoint.parent;
  const row: Readonly<Record<string, CimValue>> = {
    AdditionalRecoveryInformation: null,
    AllowFullSCSICommandSet: false,
    AllowReducedFcRedundancy: false,
    AutomaticCriticalErrorAction: 1,
    AutomaticCriticalErrorActionTimeout: 'P0DT0H30M0S',
    AutomaticRecoveryAction: 3,
    AutomaticShutdownAction: 3,
    AutomaticSnapshotsEnabled: false,
    AutomaticStartupAction: 3,
    AutomaticStartupActionDelay: 'P0DT0H0M0S',
    AutomaticStartupActionSequenceNumber: 0,
    BIOSGUID: `{${vmId(vm)}}`,
    BIOSNumLock: false,
    BIOSSerialNumber: serialNumber,
    BaseBoardSerialNumber: serialNumber,
    BootOrder: vm.generation === 1 ? [3, 2, 1, 0] : [],
    Caption: caption(language, kind),
    ChassisAssetTag: serialNumber,
    ChassisSerialNumber: serialNumber,
    ConfigurationDataRoot: root,
    ConfigurationFile: `${folder}\\${owner}.${lab.state.hostVersion === '2012r2' ? 'xml' : 'vmcx'}`,
    ConfigurationID: owner,
    ConsoleMode: 0,
    CreationTime: checkpoint?.created ?? vm.created,
    DebugChannelId: 0,
    DebugPort: 0,
    DebugPortEnabled: 0,
    Description: caption(language, 'Active settings for the virtual machine.'),
    ElementName: checkpoint?.name ?? vm.name,
    EnableHibernation: false,
    EnhancedSessionTransportType: 0,
    GuestControlledCacheTypes: false,
    GuestStateDataRoot: root,
    GuestStateFile: `${folder}\\${owner}.vmgs`,
    HighMmioGapBase: 0n,
    HighMmioGapSize: 512n,
    IncrementalBackupEnabled: false,
    InstanceID: settingsId(owner),
    IsAutomaticSnapshot: false,
    IsSaved: vm.enabledState === 6,
    LockOnDisconnect: false,
    LogDataRoot: root,
    LowMmioGapSize: 128n,
    NetworkBootPreferredProtocol: 4096,
    Notes: [],
    Parent: typeof parent === 'string' ? objectPath(lab, VSSD, settingsId(parent)) : null,
    PauseAfterBootFailure: false,
    SecureBootEnabled: vm.generation === 2,
    SecureBootTemplateId: '1734C6E8-3154-4DDA-BA5F-A874CC483422',
    SnapshotDataRoot: root,
    SuspendDataRoot: root,
    SwapFileDataRoot: root,
    TurnOffOnGuestRestart: false,
    UserSnapshotType: 3,
    Version: vm.configurationVersion,
    VirtualNumaEnabled: true,
    VirtualSystemIdentifier: vmId(vm),
    VirtualSystemSubType: `Microsoft:Hyper-V:SubType:${vm.generation}`,
    VirtualSystemType: virtualSystemType(vm, checkpoint),
  };
  const BootSourceOrder = bootOrder(lab, vm).map((source) =>
    objectPath(lab, BOOT_SOURCE, `${settingsId(owner)}\\${source.id}`),
  );
  return cimInstance(VSSD, { ...withChanges(row, vm.changed?.['']), BootSourceOrder });
}

function virtualSystemType(vm: LabVm, checkpoint: LabCheckpoint | undefined): string {
  if (checkpoint === undefined) {
    return `Microsoft:Hyper-V:System:${vm.planned === true ? 'Planned' : 'Realized'}`;
  }
  return checkpoint.type === 'user'
    ? 'Microsoft:Hyper-V:Snapshot:Realized'
    : 'Microsoft:Hyper-V:Snapshot:Recovery';
}
