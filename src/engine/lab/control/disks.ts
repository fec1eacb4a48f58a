import fs from 'node:fs/promises';
import { newGuid } from '../../base/guid.ts';
import type { Progress } from '../../base/progress.ts';
import { openAs } from '../../disk/chain/open-as.ts';
import { VhdxEditor } from '../../disk/vhdx/edit/vhdx-editor.ts';
import { FileStorage } from '../../source/files/file-storage.ts';
import { labError } from '../lab-errors.ts';
import { createEmptyDisk, importDisk } from '../files/disk-files.ts';
import { activeFile } from '../model/guest.ts';
import { diskFolder, type LabDrive } from '../files/host-paths.ts';
import type { Lab } from '../model/lab.ts';
import { makeFile } from '../model/new-disks.ts';
import type { LabDisk, LabVm } from '../state/state.ts';
import type { NewDisk } from './operations.ts';

/** Creates a disk's file and attaches it, at the first free slot unless one is given. */
export async function addDisk(
  lab: Lab,
  vm: LabVm,
  wanted: NewDisk,
  progress: Progress,
  signal: AbortSignal,
  slot: number = firstFreeSlot(vm),
  drive: LabDrive = 'C',
): Promise<void> {
  const kind = await kindOf(wanted, signal);
  const base: LabDisk = {
    slot,
    kind,
    files: [],
    virtualSize: 0,
    virtualDiskId: newGuid(),
    merges: [],
    trackingId: newGuid(),
  };
  if (!('passthrough' in wanted)) {
    const hostPath = await freePath(lab, vm, slot, kind === 'vhd' ? 'vhd' : 'vhdx', drive);
    const file = lab.local(hostPath);
    const made =
      'image' in wanted
        ? await importDisk(wanted.image, file, progress, signal)
        : await createEmptyDisk(file, wanted.size, signal);
    Object.assign(base, made, { files: [hostPath] });
  }
  vm.disks.push(base);
  vm.disks.sort((a, b) => a.slot - b.slot);
}

/**
 * Changes the virtual size and restarts change tracking, as after a change that Hyper-V did not
 * see.
 */
export async function resizeLabDisk(
  lab: Lab,
  vm: LabVm,
  disk: LabDisk,
  size: number,
  signal: AbortSignal,
): Promise<void> {
  if (disk.files.length !== 1) {
    throw labError(
      'lab.state',
      `${vm.name} has checkpoints or is merging: its disks cannot be resized`,
    );
  }
  if (disk.kind === 'shared') {
    throw labError('lab.state', 'A shared disk is resized with rsvd resize');
  }
  if (disk.kind === 'vhd') {
    throw labError('lab.state', 'The lab does not change the size of a VHD: convert it to VHDX');
  }
  await lab.exclusively(
    vm,
    async () => {
      await makeFile(lab, disk, signal);
      const storage = await FileStorage.open(lab.local(activeFile(disk)), {}, signal);
      try {
        const editor = await VhdxEditor.open(storage, signal);
        await editor.resize(size, signal);
        await editor.close();
      } finally {
        await storage.close();
      }
      disk.virtualSize = size;
      await lab.resetTracking(disk);
      await lab.save();
    },
    signal,
  );
}

/** The copy of a VHD is a VHD; that of every other image is a VHDX. */
async function kindOf(wanted: NewDisk, signal: AbortSignal): Promise<LabDisk['kind']> {
  if ('passthrough' in wanted) return 'passthrough';
  if ('size' in wanted) return 'vhdx';
  const { source, format } = await openAs(wanted.image, {}, signal);
  await source.close();
  return format.name === 'vhd' ? 'vhd' : 'vhdx';
}

/** Removes the files of a disk. Those of a shared disk stay: other VMs may use them. */
export async function removeDiskFiles(lab: Lab, disk: LabDisk): Promise<void> {
  if (disk.kind === 'shared') return;
  for (const file of disk.files) await fs.rm(lab.local(file), { force: true });
}

export function firstFreeSlot(vm: LabVm): number {
  const used = new Set(vm.disks.map((disk) => disk.slot));
  let slot = 0;
  while (used.has(slot)) slot++;
  return slot;
}

/** Returns `disk0.vhdx`, or `disk0-2.vhdx` if a replaced disk used that name. */
async function freePath(
  lab: Lab,
  vm: LabVm,
  slot: number,
  ending: 'vhdx' | 'vhd',
  drive: LabDrive,
): Promise<string> {
  for (let n = 1; ; n++) {
    const name = n === 1 ? `disk${slot}.${ending}` : `disk${slot}-${n}.${ending}`;
    const path = `${diskFolder(vm.id, drive)}\\${name}`;
    try {
      await fs.access(lab.local(path));
    } catch {
      return path;
    }
  }
}
