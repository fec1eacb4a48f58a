import { cimInstance, type CimInstance, type CimReference } from '../../../cim/model.ts';
import { encodeObjectPath } from '../../../cim/object-path.ts';
import type { Lab } from '../../model/lab.ts';
import { guidOf } from '../shared/near.ts';
import { NEVER } from '../shared/ids.ts';

const SWITCH = 'Msvm_VirtualEthernetSwitch';
const NAME = 'Lab Switch';

const switchId = (lab: Lab): string => guidOf(`switch ${lab.state.machineName}`);

function switchReference(lab: Lab): CimReference {
  return { className: SWITCH, keys: { CreationClassName: SWITCH, Name: switchId(lab) } };
}

/** Returns the object path of the lab's only switch. */
export const switchPath = (lab: Lab): string =>
  encodeObjectPath(switchReference(lab), lab.state.machineName);

export function switches(lab: Lab): CimInstance[] {
  return [
    cimInstance(SWITCH, {
      Caption: 'Virtual Switch',
      CreationClassName: SWITCH,
      Description: 'Microsoft Virtual Switch',
      ElementName: NAME,
      EnabledDefault: 2,
      EnabledState: 5,
      HealthState: 5,
      MaxIOVOffloads: 0,
      MaxVMQOffloads: 1,
      Name: switchId(lab),
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
      ElementName: NAME,
      IOVPreferred: false,
      InstanceID: `Microsoft:${switchId(lab)}`,
      MaxNumMACAddress: 1024,
      Notes: [''],
      PacketDirectEnabled: false,
      TeamingEnabled: false,
      VirtualSystemIdentifier: switchId(lab),
      VirtualSystemType: 'DMTF:Virtual Ethernet Switch',
    }),
  ];
}
