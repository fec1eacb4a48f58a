import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Progress } from '../../base/progress.ts';
import { newGuid } from '../../base/guid.ts';
import { createEmptyDisk, importDisk, type MadeDisk } from '../files/disk-files.ts';
import { HOST_ROOT } from '../files/host-paths.ts';
import { labError } from '../lab-errors.ts';
import type { Lab } from '../model/lab.ts';
import { makeSet } from '../rsvd/disk/new-set.ts';
import type { LabDisk } from '../state/state.ts';
import { firstFreeSlot } from './disks.ts';
import type { LabOperations } from './operations.ts';

type Wanted = LabOperations['add-shared-disk']['params'];
type Added = LabOperations['add-shared-disk']['result'];

/** Folder of the shared disks: that of the scale-out share. */
const FOLDER = `${HOST_ROOT}\\Shared`;
const NAME = /^[^\\/:*?"<>|.\p{Cc}][^\\/:*?"<>|\p{Cc}]*$/u;

/**
 * Makes a shared VHDX or a VHD Set and attaches it to VMs, whose guests all read and write it. Throws
 * `lab.argument` if the name is not that of a file, or exists.
 */
export async function addSharedDisk(
  lab: Lab,
  { name, vms, format, disk }: Wanted,
  progress: Progress,
  signal: AbortSignal,
): Promise<Added> {
  if (!NAME.test(name)) throw labError('lab.argument', `“${name}” is not a file name`);
  const owners = vms.map((each) => lab.vm(each));
  if (owners.length === 0) throw labError('lab.argument', 'A shared disk needs a VM');
  const hostPath = `${FOLDER}\\${name}.${format}`;
  const file = lab.local(hostPath);
  if (existsSync(file)) throw labError('lab.argument', `${hostPath} exists`);
  await fs.mkdir(path.dirname(file), { recursive: true });
  const make = (target: string): Promise<MadeDisk> =>
    'image' in disk
      ? importDisk(disk.image, target, progress, signal)
      : createEmptyDisk(target, disk.size, signal);
  const made = await (format === 'vhds' ? makeSet(file, make) : make(file));
  for (const vm of new Set(owners)) {
    const own: LabDisk = {
      slot: firstFreeSlot(vm),
      kind: 'shared',
      files: [hostPath],
      ...made,
      merges: [],
      trackingId: newGuid(),
    };
    vm.disks.push(own);
    vm.disks.sort((a, b) => a.slot - b.slot);
  }
  await lab.save();
  return { path: hostPath, ...made, vms: owners.map(({ id }) => id) };
}
