import type { Lab } from '../../model/lab.ts';
import { adaptersOf } from '../../state/adapters.ts';
import type { LabVm } from '../../state/state.ts';
import { driveInstanceId, driveSlots, settingsId } from './ids.ts';

/** Boot sources of VMs of generation 2, and their order. */

export const BOOT_SOURCE = 'Msvm_BootSourceSettingData';

/** BootSourceType. */
const TYPE = { drive: 1, network: 2, file: 3 } as const;

/** A source of the boot order. */
interface BootSource {
  /**
   * InstanceID after the owner's: that of its device and `\B`, as was seen on a host for adapters and
   * drives. The form of a file's is UNCONFIRMED.
   */
  readonly id: string;
  /** InstanceID of its device after the owner's; undefined for a file. */
  readonly device: string | undefined;
  readonly type: number;
  readonly name: string;
  readonly devicePath: string;
  /** Path of a file on its disk. */
  readonly location: string;
}

/** Returns the sources of a VM: its drives, its adapters, and the files that its guest registered. */
export function bootSources(lab: Lab, vm: LabVm): readonly BootSource[] {
  if (vm.generation === 1) return [];
  const drives = driveSlots(vm).map((slot): BootSource => {
    const device = driveInstanceId('', vm, slot).slice(`${settingsId('')}\\`.length);
    const name = 'EFI SCSI Device';
    const base = { id: `${device}\\B`, device, type: TYPE.drive, name, location: '' };
    return { ...base, devicePath: drivePath(vm, slot) };
  });
  const adapters = adaptersOf(lab.state, vm).map(({ id, mac }): BootSource => {
    const base = { id: `${id}\\B`, device: id, type: TYPE.network, name: 'EFI Network' };
    return { ...base, devicePath: `\\VMBus(${id})\\MAC(${mac},0x0)\\IPv4()`, location: '' };
  });
  const files = Object.entries(vm.changed ?? {}).flatMap(([id, values]): BootSource[] => {
    if (!id.endsWith('\\F')) return [];
    const { name, location, slot } = values;
    const devicePath = `${drivePath(vm, Number(slot))}\\HD(1,GPT)\\${String(location)}`;
    const base = { id, device: undefined, type: TYPE.file, name: String(name), devicePath };
    return [{ ...base, location: String(location) }];
  });
  return [...files, ...drives, ...adapters];
}

const drivePath = (vm: LabVm, slot: number): string =>
  `\\AcpiEx(VMBus,0x0,0x0)\\VenHw(${vm.controllerId.toUpperCase()})\\Scsi(0x0,0x${slot.toString(16)})`;

const orderOf = (vm: LabVm): readonly string[] => {
  const order = vm.changed?.['']?.['BootSourceOrder'];
  return Array.isArray(order) ? order.map(String) : [];
};

/** Returns the sources in their order. One that is newer than the order is the last (UNCONFIRMED). */
export function bootOrder(lab: Lab, vm: LabVm): readonly BootSource[] {
  const sources = bootSources(lab, vm);
  const order = orderOf(vm);
  const ordered = order.flatMap((id) => sources.find((each) => each.id === id) ?? []);
  return [...ordered, ...sources.filter(({ id }) => !order.includes(id))];
}
