import type { CimClassDeclaration } from '../wmi/repository.ts';
import { declareClass } from './declare.ts';

/** Virtual machines, their settings and their devices (Hyper-V WMI v2). */
const MANAGED = 'Caption:string Description:string ElementName:string';

const COMPUTER_SYSTEM = `
  AvailableRequestedStates:u16[] ${MANAGED} CommunicationStatus:u16 CreationClassName:string! Dedicated:u16[]
  DetailedStatus:u16 EnabledDefault:u16 EnabledState:u16 EnhancedSessionModeState:u16 FailedOverReplicationType:u16
  HealthState:u16 HwThreadsPerCoreRealized:u32 IdentifyingDescriptions:string[] InstallDate:datetime InstanceID:string
  LastApplicationConsistentReplicationTime:datetime LastReplicationTime:datetime LastReplicationType:u16
  LastSuccessfulBackupTime:datetime Name:string! NameFormat:string NumberOfNumaNodes:u16 OnTimeInMilliseconds:u64
  OperatingStatus:u16 OperationalStatus:u16[] OtherDedicatedDescriptions:string[] OtherEnabledState:string
  OtherIdentifyingInfo:string[] PowerManagementCapabilities:u16[] PrimaryOwnerContact:string PrimaryOwnerName:string
  PrimaryStatus:u16 ProcessID:u32 ReplicationHealth:u16 ReplicationMode:u16 ReplicationState:u16 RequestedState:u16
  ResetCapability:u16 Roles:string[] Status:string StatusDescriptions:string[] TimeOfLastConfigurationChange:datetime
  TimeOfLastStateChange:datetime TransitioningToState:u16`;

const SETTINGS = `
  AutomaticSnapshotsEnabled:bool AutomaticStartupAction:u16 AutomaticShutdownAction:u16 BIOSGUID:string ${MANAGED}
  ConfigurationDataRoot:string ConfigurationFile:string ConfigurationID:string CreationTime:datetime
  GuestStateDataRoot:string GuestStateFile:string IncrementalBackupEnabled:bool InstanceID:string!
  IsAutomaticSnapshot:bool IsSaved:bool LogDataRoot:string Notes:string[] Parent:string RecoveryFile:string
  SecureBootEnabled:bool SnapshotDataRoot:string SuspendDataRoot:string SwapFileDataRoot:string UserSnapshotType:u16
  Version:string VirtualNumaEnabled:bool VirtualSystemIdentifier:string VirtualSystemSubType:string
  VirtualSystemType:string`;

const ALLOCATION = `
  Address:string AddressOnParent:string AllocationUnits:string AutomaticAllocation:bool AutomaticDeallocation:bool
  ${MANAGED} Connection:string[] ConsumerVisibility:u16 HostResource:string[] InstanceID:string! Limit:u64
  MappingBehavior:u16 OtherResourceType:string Parent:string PoolID:string Reservation:u64 ResourceSubType:string
  ResourceType:u16 VirtualQuantity:u64 VirtualQuantityUnits:string Weight:u32`;

export const SYSTEM_CLASSES: readonly CimClassDeclaration[] = [
  declareClass('CIM_ComputerSystem', COMPUTER_SYSTEM),
  declareClass('Msvm_ComputerSystem', COMPUTER_SYSTEM, { superclass: 'CIM_ComputerSystem' }),
  declareClass('Msvm_PlannedComputerSystem', COMPUTER_SYSTEM, { superclass: 'CIM_ComputerSystem' }),
  declareClass('CIM_VirtualSystemSettingData', SETTINGS),
  declareClass('Msvm_VirtualSystemSettingData', SETTINGS, {
    superclass: 'CIM_VirtualSystemSettingData',
  }),
  declareClass('CIM_ResourceAllocationSettingData', ALLOCATION),
  declareClass(
    'Msvm_ResourceAllocationSettingData',
    `${ALLOCATION} VirtualSystemIdentifiers:string[]`,
    {
      superclass: 'CIM_ResourceAllocationSettingData',
    },
  ),
  declareClass(
    'Msvm_StorageAllocationSettingData',
    `${ALLOCATION} Access:u16 CachingMode:u16 HostExtentName:string HostExtentNameFormat:u16
     HostExtentNameNamespace:u16 HostExtentStartingAddress:u64 HostResourceBlockSize:u64 IOPSAllocationUnits:string
     IOPSLimit:u64 IOPSReservation:u64 IgnoreFlushes:bool OtherHostExtentNameFormat:string
     OtherHostExtentNameNamespace:string PersistentReservationsSupported:bool SnapshotId:string
     StorageQoSPolicyID:string VirtualResourceBlockSize:u64 WriteHardeningMethod:u16`,
    { superclass: 'CIM_ResourceAllocationSettingData' },
  ),
  declareClass(
    'Msvm_VssComponent',
    `${MANAGED} CreationClassName:string! DeviceID:string! EnabledState:u16 OperationalStatus:u16[]
     SystemCreationClassName:string! SystemName:string!`,
  ),
];

/** Associations, with their two roles. */
const association = (name: string, roles: string): CimClassDeclaration =>
  declareClass(name, roles, { association: true });

export const ASSOCIATION_CLASSES: readonly CimClassDeclaration[] = [
  association('Msvm_SettingsDefineState', 'ManagedElement:ref! SettingData:ref!'),
  association('Msvm_SnapshotOfVirtualSystem', 'Antecedent:ref! Dependent:ref!'),
  association('Msvm_MostCurrentSnapshotInBranch', 'Antecedent:ref! Dependent:ref!'),
  association('Msvm_LastAppliedSnapshot', 'Antecedent:ref! Dependent:ref!'),
  association('Msvm_VirtualSystemSettingDataComponent', 'GroupComponent:ref! PartComponent:ref!'),
  association('Msvm_ReferencePointOfVirtualSystem', 'Antecedent:ref! Dependent:ref!'),
  association(
    'Msvm_SystemExportSettingData',
    'ManagedElement:ref! SettingData:ref! IsCurrent:u16 IsDefault:u16 IsNext:u16',
  ),
  association('Msvm_SystemDevice', 'GroupComponent:ref! PartComponent:ref!'),
  association(
    'Msvm_AffectedJobElement',
    'AffectedElement:ref! AffectingElement:ref! ElementEffects:u16[] OtherElementEffectsDescriptions:string[]',
  ),
];
