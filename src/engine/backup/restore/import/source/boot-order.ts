import type { KeptHardware } from './kept-configuration.ts';

const BOOT_SOURCE = 'Msvm_BootSourceSettingData';
/** BootSourceType. */
const DRIVE = '1';
/** Maximum number of sources that are read. */
const MAX_SOURCES = 256;

/** Source of a kept boot order of generation 2. */
interface BootEntry {
  /** InstanceID of the device after the owner's, in lower case; undefined: none was kept. */
  readonly device: string | undefined;
  /** Name that the firmware gave the source. */
  readonly name: string;
  /** A file that the guest registered, of which `device` is the drive. */
  readonly isFile: boolean;
}

/**
 * Returns the boot order of a VM of generation 2 as its kept settings name it, by the devices. A source
 * has the InstanceID of its device and `\B` after it. A file has another one: its drive is the one whose
 * path in the firmware begins the file's (UNCONFIRMED).
 */
export function bootEntries({ system, rows }: KeptHardware): readonly BootEntry[] {
  if (String(system['VirtualSystemSubType']).endsWith('SubType:1')) return [];
  const order = system['BootSourceOrder'] ?? [];
  const sources = rows.filter(({ className }) => className === BOOT_SOURCE);
  const kept = new Set(rows.map(({ properties }) => partOf(String(properties['InstanceID']))));
  const pathOf = ({ properties }: (typeof rows)[number]): string =>
    String(properties['FirmwareDevicePath'] ?? '');
  return (typeof order === 'string' ? [order] : order).slice(0, MAX_SOURCES).map((text) => {
    const part = partOf(/InstanceID="([^"]*)"/i.exec(text)?.[1]?.replaceAll('\\\\', '\\') ?? '');
    const source = sources.find(
      ({ properties }) => partOf(String(properties['InstanceID'])) === part,
    );
    const name = String(source?.properties['BootSourceDescription'] || part);
    const device = part.endsWith('\\b') ? part.slice(0, -2) : undefined;
    if (device !== undefined) {
      return { device: kept.has(device) ? device : undefined, name, isFile: false };
    }
    const drive = sources.find((each) => {
      const path = pathOf(each);
      const isDrive = each.properties['BootSourceType'] === DRIVE && path !== '';
      return isDrive && source !== undefined && pathOf(source).startsWith(`${path}\\`);
    });
    const at = partOf(String(drive?.properties['InstanceID'] ?? '')).replace(/\\b$/, '');
    return { device: kept.has(at) ? at : undefined, name, isFile: true };
  });
}

/** Returns an InstanceID after the owner's, in lower case. */
const partOf = (instanceId: string): string =>
  instanceId.split('\\').slice(1).join('\\').toLowerCase();

/** Returns the devices of a boot order, each once. */
export const bootDevices = (hardware: KeptHardware): readonly string[] => [
  ...new Set(bootEntries(hardware).flatMap(({ device }) => device ?? [])),
];
