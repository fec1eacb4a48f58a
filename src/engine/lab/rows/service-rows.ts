import { cimInstance, type CimInstance } from '../../cim/model.ts';
import type { Lab } from '../model/lab.ts';
import { NEVER } from './shared/ids.ts';

/**
 * Services by class, with their Name keys (hyperv-wmi 2); those of the reference points and of the
 * collections are UNCONFIRMED.
 */
const SERVICES: Readonly<Record<string, string>> = {
  Msvm_VirtualSystemManagementService: 'vmms',
  Msvm_VirtualSystemSnapshotService: 'vssnapsvc',
  Msvm_VirtualSystemReferencePointService: 'refpointsvc',
  Msvm_ImageManagementService: 'vhdsvc',
  Msvm_VirtualEthernetSwitchManagementService: 'nvspwmi',
  Msvm_CollectionManagementService: 'collectionsvc',
  Msvm_CollectionSnapshotService: 'collectionsnapsvc',
  Msvm_CollectionReferencePointService: 'collectionrefpointsvc',
};

export const SERVICE_CLASSES: readonly string[] = Object.keys(SERVICES);

/** Returns the one instance of a service. */
export function services(lab: Lab, className: string): CimInstance[] {
  return [
    cimInstance(className, {
      Caption: className.replace('Msvm_', ''),
      CreationClassName: className,
      Description: className.replace('Msvm_', 'Microsoft '),
      ElementName: className,
      EnabledDefault: 2,
      EnabledState: 2,
      HealthState: 5,
      Name: SERVICES[className] ?? className,
      OperationalStatus: [2],
      PrimaryOwnerContact: '',
      PrimaryOwnerName: 'Administrators',
      RequestedState: 12,
      StartMode: 'Automatic',
      Started: true,
      Status: 'OK',
      StatusDescriptions: ['OK'],
      SystemCreationClassName: 'Msvm_ComputerSystem',
      SystemName: lab.state.machineName,
      TimeOfLastStateChange: NEVER,
      TransitioningToState: 12,
    }),
  ];
}

export function serviceSettings(lab: Lab): CimInstance[] {
  return [
    cimInstance('Msvm_VirtualSystemManagementServiceSettingData', {
      BiosLockString: '',
      Caption: 'Hyper-V Virtual System Management Service',
      DefaultExternalDataRoot: 'C:\\Lab\\VMs',
      DefaultVirtualHardDiskPath: 'C:\\Lab\\VMs',
      Description: 'Settings of the management service',
      ElementName: 'Hyper-V Virtual System Management Service',
      EnhancedSessionModeEnabled: false,
      HbaLunTimeout: 15,
      HypervisorRootSchedulerEnabled: false,
      InstanceID: `Microsoft:${lab.state.machineName}`,
      MaximumMacAddress: '00155DFFFFFF',
      MinimumMacAddress: '00155D000000',
      NumaSpanningEnabled: true,
      PrimaryOwnerContact: '',
      PrimaryOwnerName: 'Administrators',
    }),
  ];
}
