import { createEmptyDisk } from '../files/disk-files.ts';
import { diskFolder } from '../files/host-paths.ts';
import { newGuid } from '../../base/guid.ts';
import type { LabDisk } from '../state/state.ts';
import type { Lab } from './lab.ts';

/** Files that are being made now: two requests may open a disk at the same time. */
const making = new WeakMap<LabDisk, Promise<void>>();

/** Makes the file of a disk that was never opened; does nothing for other disks. */
export async function makeFile(lab: Lab, disk: LabDisk, signal: AbortSignal): Promise<void> {
  if (disk.unmade !== true) return;
  let made = making.get(disk);
  if (made === undefined) {
    made = make(lab, disk, signal).finally(() => making.delete(disk));
    making.set(disk, made);
  }
  await made;
}

async function make(lab: Lab, disk: LabDisk, signal: AbortSignal): Promise<void> {
  const [file] = disk.files;
  if (file === undefined) return;
  await createEmptyDisk(lab.local(file), disk.virtualSize, signal, disk.virtualDiskId);
  delete disk.unmade;
  await lab.save();
}

/** Returns an empty disk whose file is made when it is first opened. */
export function unmadeDisk(vmId: string, slot: number, size: number): LabDisk {
  return {
    slot,
    kind: 'vhdx',
    files: [`${diskFolder(vmId)}\\disk${slot}.vhdx`],
    virtualSize: size,
    virtualDiskId: newGuid(),
    merges: [],
    trackingId: newGuid(),
    unmade: true,
  };
}
