import { never } from '../../src/engine/base/abort.ts';
import { VhdxEditor } from '../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { FileStorage } from '../../src/engine/source/files/file-storage.ts';
import type {
  NewVirtualDisk,
  OpenFor,
  VirtualDiskHandle,
} from '../../src/engine/virtdisk/contract/virtual-disk.ts';
import { createVirtualDisk } from '../../src/engine/virtdisk/create-virtual-disk.ts';
import { openVirtualDisk } from '../../src/engine/virtdisk/open-virtual-disk.ts';
import type { Place } from './question.ts';

export const MIB = 2 ** 20;
export const DISK_SIZE = 64 * MIB;

/** Has Windows make a disk of 64 MiB, and returns its path. */
export async function newDisk(
  { file, signal }: Place,
  name: string,
  change: Partial<NewVirtualDisk> = {},
): Promise<string> {
  const path = file(name);
  const format = name.endsWith('.vhd') ? 'vhd' : 'vhdx';
  await createVirtualDisk({ path, format, virtualSize: DISK_SIZE, ...change }, undefined, signal);
  return path;
}

/** Opens a disk, does something with it, and closes it. */
export async function withDisk<T>(
  path: string,
  access: OpenFor,
  work: (disk: VirtualDiskHandle) => Promise<T>,
): Promise<T> {
  const disk = await openVirtualDisk({ path, access }, never);
  try {
    return await work(disk);
  } finally {
    await disk.close();
  }
}

/** Makes a disk whose changes Windows tracks. Returns its path and the newest RCT ID. */
export async function trackedDisk(
  place: Place,
  name: string,
): Promise<{ readonly path: string; readonly rctId: string }> {
  const path = await newDisk(place, name);
  const { mostRecentId: rctId } = await withDisk(path, 'write', async (disk) => {
    await disk.setTracking(true, place.signal);
    return disk.tracking(place.signal);
  });
  return { path, rctId };
}

/** Writes into a VHDX as a program other than Windows does: with our own writer. */
export async function writeFromOutside(path: string, { signal }: Place): Promise<void> {
  const storage = await FileStorage.open(path, {}, signal);
  try {
    const editor = await VhdxEditor.open(storage, signal);
    await editor.write(8 * MIB, new Uint8Array(MIB).fill(7), signal);
    await editor.close();
  } finally {
    await storage.close();
  }
}
