import type { Guid } from '../../base/guid.ts';
import { StructBytes } from '../../win32/types/struct-bytes.ts';
import { VIRTUAL_STORAGE_TYPE } from './virtdisk-types.ts';

/** VIRTUAL_STORAGE_TYPE_DEVICE_* by format. */
export const DEVICE_IDS = { unknown: 0, iso: 1, vhd: 2, vhdx: 3, vhds: 4 } as const;

export type StorageFormat = keyof typeof DEVICE_IDS;

/** VIRTUAL_STORAGE_TYPE_VENDOR_MICROSOFT */
const MICROSOFT = 'ec984aec-a0f9-47e9-901f-71415a66345b' as Guid;

/** Writes a storage type into a structure. */
export function writeStorageType(into: StructBytes, prefix: string, format: StorageFormat): void {
  into.set(`${prefix}DeviceId`, DEVICE_IDS[format]);
  if (format !== 'unknown') into.setGuid(`${prefix}VendorId`, MICROSOFT);
}

/** Returns the storage type of a format. */
export function storageType(format: StorageFormat): StructBytes {
  const type = new StructBytes(VIRTUAL_STORAGE_TYPE);
  writeStorageType(type, '', format);
  return type;
}

/** Returns the format that the ending of a path means; `unknown` lets Windows find it out. */
export function formatOf(path: string): StorageFormat {
  const ending = /\.a?(vhdx?|vhds)$/i.exec(path)?.[1]?.toLowerCase();
  return ending === 'vhd' || ending === 'vhdx' || ending === 'vhds' ? ending : 'unknown';
}

export const formatOfDevice = (deviceId: number): StorageFormat =>
  (Object.keys(DEVICE_IDS) as StorageFormat[]).find((name) => DEVICE_IDS[name] === deviceId) ??
  'unknown';
