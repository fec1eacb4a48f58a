import { cimInstance, type CimInstance, type CimReference } from '../../../cim/model.ts';
import type { Lab } from '../../model/lab.ts';
import type { LabVm } from '../../state/state.ts';
import type { Near } from '../../wmi/repository.ts';
import { vmId } from '../shared/ids.ts';
import { vmsNear } from '../shared/near.ts';

/** Returns the service of each VM's guest that takes backups; its Name is UNCONFIRMED. */
export function guestServices(lab: Lab, near?: Near): CimInstance[] {
  return vmsNear(lab, near).map((vm) =>
    cimInstance('Msvm_VssService', {
      Caption: 'VSS Service',
      CreationClassName: 'Msvm_VssService',
      ElementName: 'VSS Service',
      EnabledState: 2,
      HealthState: 5,
      Name: guestServiceName(vm),
      OperationalStatus: [2],
      RequestedState: 12,
      Started: true,
      SystemCreationClassName: 'Msvm_ComputerSystem',
      SystemName: vmId(vm),
    }),
  );
}

const guestServiceName = (vm: LabVm): string => `Microsoft:${vmId(vm)}\\VSS`;

export const guestServiceReference = (vm: LabVm): CimReference => ({
  className: 'Msvm_VssService',
  keys: {
    CreationClassName: 'Msvm_VssService',
    Name: guestServiceName(vm),
    SystemCreationClassName: 'Msvm_ComputerSystem',
    SystemName: vmId(vm),
  },
});
