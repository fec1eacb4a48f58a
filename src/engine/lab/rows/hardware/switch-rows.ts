import { cimInstance, type CimInstance, type CimReference } from '../../../cim/model.ts';
import { encodeObjectPath } from '../../../cim/object-path.ts';
import type { Lab } from '../../model/lab.ts';
import { SWITCH_NAME, switchId } from '../../state/adapters.ts';
import { NEVER } from '../shared/ids.ts';

const SWITCH = 'Msvm_VirtualEthernetSwitch';

function switchReference(id: string): CimReference {
  return { className: SWITCH, keys: { CreationClassName: SWITCH, Name: id } };
}

/** Returns the object path of a switch, which this host may lack. */
export const switchPath = (lab: Lab, id: string): string =>
  encodeObjectPath(switchReference(id), lab.state.machineName);

export function switches(lab: Lab): CimInstance[] {
  return [
    cimInstance(SWITCH, {
      Caption: 'Virtual Switch',
      CreationClassName: SWITCH,
      Description: 'Microsoft Virtual Switch',
      ElementName: SWITCH_NAME,
      EnabledDefault: 2,
      EnabledState: 5,
      HealthState: 5,
      MaxIOVOffloads: 0,
      MaxVMQOffloads: 1,
      Name: switchId(lab.state),
      OperationalStatus: [2],
      RequestedState: 12,
      Status: 'OK',
      StatusDescriptions: ['OK'],
      TimeOfLastStateChange: NEVER,
    }),
  ];
}

export function switchSettings(lab: Lab): CimInstance[] {
  return [
    cimInstance('Msvm_VirtualEthernetSwitchSettingData', {
      BandwidthReservationMode: 1,
      Caption: 'Virtual Switch Settings',
      Description: 'Virtual Switch Settings',
      ElementName: SWITCH_NAME,
      IOVPreferred: false,
      InstanceID: `Microsoft:${switchId(lab.state)}`,
      MaxNumMACAddress: 1024,
      Notes: [''],
      PacketDirectEnabled: false,
      TeamingEnabled: false,
      VirtualSystemIdentifier: switchId(lab.state),
      VirtualSystemType: 'DMTF:Virtual Ethernet Switch',
    }),
  ];
}
