import {
  cimInstance,
  type CimInstance,
  type CimReference,
  type CimValue,
} from '../../../cim/model.ts';
import type { Lab } from '../../model/lab.ts';
import type { LabVm } from '../../state/state.ts';
import { caption } from '../../texts/captions.ts';
import type { Near } from '../../wmi/repository.ts';
import { adaptersOf } from '../../state/adapters.ts';
import { isSavedForBackup } from '../../vss/hyperv-writer.ts';
import { processorsOf } from './hardware-rows.ts';
import { diskDriveReference, settingsId, vmId } from '../shared/ids.ts';
import { INTEGRATION_COMPONENTS } from './integration-components.ts';
import { kvpItems } from './kvp-items.ts';
import { guidOf } from '../../state/derived-guid.ts';
import { vmsNear } from '../shared/near.ts';

const RUNNING = 2;
/** OperationalStatus[0] of a component that no guest answers for. */
const NO_CONTACT = 12;

/** Device of a VM: the DeviceID after the VM's, and its properties. */
interface Device {
  readonly id: string;
  readonly properties: Readonly<Record<string, CimValue>> & { readonly ElementName: string };
}

/** A guest that cannot freeze its disks does not answer for backups. */
const answers = (lab: Lab, vm: LabVm, className: string): boolean =>
  vm.enabledState === RUNNING && !(className === 'Msvm_VssComponent' && isSavedForBackup(lab, vm));

const components = INTEGRATION_COMPONENTS.map(
  ({ className, id, name }) =>
    [
      className,
      (vm: LabVm, lab: Lab): Device[] => [
        {
          id,
          properties: {
            ElementName: name,
            OperationalStatus: [answers(lab, vm, className) ? 2 : NO_CONTACT],
            ...(className === 'Msvm_KvpExchangeComponent' ? kvpItems(vm) : {}),
          },
        },
      ],
    ] as const,
);

const DEVICES: Readonly<Record<string, (vm: LabVm, lab: Lab) => readonly Device[]>> = {
  ...Object.fromEntries(components),
  Msvm_Processor: (vm) =>
    Array.from({ length: processorsOf(vm) }, (_, i) => ({
      id: `B637F346-6A0E-4DEC-AF52-BD70CB80A21D\\0\\${i}`,
      properties: {
        ElementName: 'Processor',
        LoadPercentage: 0,
        LoadPercentageHistory: [],
        Role: 'Virtual processor',
      },
    })),
  Msvm_SyntheticEthernetPort: (vm, lab) =>
    adaptersOf(lab.state, vm).map(({ id, name, mac }) => ({
      id,
      properties: {
        ElementName: name,
        LinkTechnology: 2,
        NetworkAddresses: [],
        PermanentAddress: mac,
        Speed: 10_000_000_000n,
      },
    })),
  Msvm_SyntheticDisplayController: (vm) => [
    { id: guidOf(`display ${vm.id}`), properties: { ElementName: 'Display Controller' } },
  ],
  // Video heads and emulated display controllers exist while the guest draws on them.
  Msvm_S3DisplayController: () => [],
  Msvm_VideoHead: (vm) =>
    vm.enabledState === RUNNING
      ? [
          {
            id: guidOf(`head ${vm.id}`),
            properties: {
              CurrentBitsPerPixel: 32,
              CurrentHorizontalResolution: 1024,
              CurrentVerticalResolution: 768,
              ElementName: 'Video Monitor',
            },
          },
        ]
      : [],
  Msvm_Keyboard: (vm) => [
    {
      id: guidOf(`keyboard ${vm.id}`),
      properties: { ElementName: 'Keyboard', IsLocked: false, UnicodeSupported: true },
    },
  ],
};

export const DEVICE_CLASSES: readonly string[] = Object.keys(DEVICES);

/** Yields the devices of one class of every VM. */
export function* devices(lab: Lab, className: string, near?: Near): Generator<CimInstance> {
  for (const vm of vmsNear(lab, near)) {
    for (const device of DEVICES[className]?.(vm, lab) ?? []) {
      const name = caption(lab.state.language, device.properties.ElementName);
      yield deviceRow(className, deviceId(vm, device), vmId(vm), {
        ...device.properties,
        Caption: name,
        ElementName: name,
      });
    }
  }
}

/** Yields the devices of a VM, for the association with its system. */
export function* deviceReferences(lab: Lab, vm: LabVm): Generator<CimReference> {
  for (const [className, make] of Object.entries(DEVICES)) {
    for (const device of make(vm, lab)) {
      yield {
        className,
        keys: {
          CreationClassName: className,
          DeviceID: deviceId(vm, device),
          SystemCreationClassName: 'Msvm_ComputerSystem',
          SystemName: vmId(vm),
        },
      };
    }
  }
}

const deviceId = (vm: LabVm, { id }: Device): string => `${settingsId(vm.id)}\\${id}`;

/** Yields the physical disks that VMs use directly. */
export function* diskDrives(lab: Lab): Generator<CimInstance> {
  const seen = new Set<number>();
  for (const disk of lab.vms.flatMap((vm) => vm.disks)) {
    if (disk.kind !== 'passthrough' || seen.has(disk.slot)) continue;
    seen.add(disk.slot);
    const { DeviceID = '' } = diskDriveReference(lab.state.machineName, disk).keys;
    yield deviceRow('Msvm_DiskDrive', DeviceID, lab.state.machineName, {
      Caption: 'Disk Drive',
      DriveNumber: disk.slot + 1,
      ElementName: `Disk ${disk.slot + 1}`,
      Name: `Disk ${disk.slot + 1}`,
    });
  }
}

function deviceRow(
  className: string,
  DeviceID: string,
  SystemName: string,
  properties: Readonly<Record<string, CimValue>>,
): CimInstance {
  return cimInstance(className, {
    CreationClassName: className,
    Description: className.replace('Msvm_', 'Microsoft '),
    DeviceID,
    EnabledDefault: 2,
    EnabledState: 2,
    HealthState: 5,
    OperationalStatus: [2],
    RequestedState: 12,
    SystemCreationClassName: 'Msvm_ComputerSystem',
    SystemName,
    ...properties,
  });
}
