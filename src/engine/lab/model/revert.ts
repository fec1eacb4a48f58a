/**
 * Changes of a disk that its change tracking does not see: a VM reverted to a checkpoint, a
 * replaced file, a disk written while no VM has it open. On a real host some of these may end the
 * tracking (UNCONFIRMED); the lab assumes the worst case, since backups must not depend on it.
 */
import fs from 'node:fs/promises';
import type { Range } from '../../base/range.ts';
import { VhdxImage } from '../../disk/vhdx/read/vhdx-image.ts';
import { FileSource } from '../../source/files/file-source.ts';
import { FileStorage } from '../../source/files/file-storage.ts';
import { labError } from '../lab-errors.ts';
import { childName, INVALID_STATE } from './checkpoints.ts';
import { createChild } from '../files/disk-files.ts';
import { openEditor } from '../files/open-editor.ts';
import { activeFile } from './guest.ts';
import { JobFailure } from './jobs.ts';
import type { Lab } from './lab.ts';
import { makeFile } from './new-disks.ts';
import type { LabCheckpoint, LabDisk, LabVm } from '../state/state.ts';

const OFF = 3;
const SAVED = 6;

/**
 * Implements ApplySnapshot: discards everything written since the checkpoint. The lab keeps one
 * line of checkpoints, so only the newest one can be applied. The VM must be off or saved.
 */
export async function applyCheckpoint(
  lab: Lab,
  vm: LabVm,
  checkpoint: LabCheckpoint,
  signal: AbortSignal,
): Promise<void> {
  if (vm.enabledState !== OFF && vm.enabledState !== SAVED) {
    throw new JobFailure(INVALID_STATE, 'The virtual machine is running: turn it off first.');
  }
  await lab.exclusively(
    vm,
    async () => {
      if (
        vm.checkpoints.at(-1) !== checkpoint ||
        vm.disks.some(({ merges }) => merges.length > 0)
      ) {
        throw new JobFailure(
          INVALID_STATE,
          'The lab can apply only the newest checkpoint of a virtual machine, and not during a merge.',
        );
      }
      const dropped: string[] = [];
      for (const frozen of checkpoint.disks) {
        if (frozen.snapshotId !== undefined) continue;
        const disk = vm.disks.find(({ slot }) => slot === frozen.slot);
        const at = disk?.files.indexOf(frozen.path) ?? -1;
        if (disk === undefined || at < 0) continue;
        const child = childName(disk);
        await createChild(lab.local(frozen.path), lab.local(child), frozen.path, signal);
        dropped.push(...disk.files.splice(at + 1));
        disk.files.push(child);
      }
      vm.lastApplied = checkpoint.id;
      await lab.save();
      for (const file of dropped) await fs.rm(lab.local(file), { force: true });
    },
    signal,
  );
}

/**
 * Replaces a disk's file by a copy of a VHDX file, as a file-level restore does. The VM must be
 * off.
 */
export async function overwriteDisk(
  lab: Lab,
  vm: LabVm,
  disk: LabDisk,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  requireOff(vm);
  if (disk.kind !== 'vhdx' || disk.files.length !== 1) {
    throw labError(
      'lab.state',
      `The disk of ${vm.name} is not one VHDX file: remove its checkpoints`,
    );
  }
  const image = await VhdxImage.open(await FileSource.open(file, signal), signal);
  await image.close();
  if (image.metadata.parent !== undefined) {
    throw labError('lab.argument', `${file} is a differencing image: give one without a parent`);
  }
  await lab.exclusively(
    vm,
    async () => {
      await makeFile(lab, disk, signal);
      await fs.copyFile(file, lab.local(activeFile(disk)));
      disk.virtualSize = image.size;
      disk.virtualDiskId = image.metadata.diskId;
      await lab.save();
    },
    signal,
  );
}

/** Writes whole sectors of a disk of a VM that is off, as if the disk were mounted elsewhere. */
export async function writeOffline(
  lab: Lab,
  vm: LabVm,
  disk: LabDisk,
  offset: number,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  requireOff(vm);
  const written: Range = { start: offset, end: offset + bytes.length };
  await lab.exclusively(
    vm,
    async () => {
      await makeFile(lab, disk, signal);
      const storage = await FileStorage.open(lab.local(activeFile(disk)), {}, signal);
      try {
        const editor = await openEditor(storage, signal);
        const sector = editor.logicalSectorSize;
        if (
          offset % sector !== 0 ||
          bytes.length % sector !== 0 ||
          written.end > disk.virtualSize
        ) {
          throw labError(
            'lab.argument',
            `${bytes.length} bytes at ${offset} are not whole sectors of ${sector} inside the disk of ${disk.virtualSize}`,
          );
        }
        await editor.write(offset, bytes, signal);
        await editor.close();
      } finally {
        await storage.close();
      }
    },
    signal,
  );
}

function requireOff(vm: LabVm): void {
  if (vm.enabledState === OFF) return;
  throw labError('lab.state', `${vm.name} is not off: its disks cannot be written`);
}
