import fs from 'node:fs/promises';
import path from 'node:path';
import type { HostVolume } from '../files/host-paths.ts';
import { createChild } from '../files/disk-files.ts';
import { openEditor } from '../files/open-editor.ts';
import { FileStorage } from '../../source/files/file-storage.ts';
import { writeConfiguration } from '../model/configuration-files.ts';
import type { Lab } from '../model/lab.ts';
import { makeFile } from '../model/new-disks.ts';
import type { LabDisk, LabShadow, LabVm } from '../state/state.ts';
import { driveOf, shadowFolder } from './volumes.ts';

/** Form of the disks in a shadow copy: as they are, or as hosts since 2012 R2 leave them. */
export type CopyForm = 'plain' | 'autoRecovery' | 'missing';

/** Bytes that the guest's recovery changes in the copy: the last page of each disk. */
const RECOVERED = Buffer.alloc(4096, 'recovered by the guest ');

/**
 * Runs `work` while no VM of the host writes: the locks of all VMs are held, so that the disks of
 * all of them are of one instant.
 */
export function whileFrozen<T>(lab: Lab, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const [...vms] = lab.state.vms;
  const next = (): Promise<T> => {
    const vm = vms.pop();
    return vm === undefined ? work() : lab.exclusively(vm, next, signal);
  };
  return next();
}

/** Makes the files of disks that no guest has used yet, so that a copy has them. */
export async function makeDisks(
  vms: readonly LabVm[],
  lab: Lab,
  signal: AbortSignal,
): Promise<void> {
  for (const { disks } of vms) for (const disk of disks) await makeFile(lab, disk, signal);
}

/**
 * Copies the files of a shadow's volume, with those that running VMs hold. The caller has frozen the
 * VMs. Files are shared with the volume if the file system can.
 */
export async function copyVolume(lab: Lab, shadow: LabShadow): Promise<void> {
  const folder = shadowFolder(lab, shadow);
  const volume = volumeOf(lab, shadow);
  const target = path.join(folder, path.win32.basename(volume.root));
  await fs.rm(folder, { recursive: true, force: true });
  await fs.mkdir(target, { recursive: true });
  await fs.mkdir(volume.local, { recursive: true });
  const held = lab.held.heldOn(volume);
  const names = new Set(held.map(({ own }) => own));
  await fs.cp(volume.local, target, {
    recursive: true,
    mode: fs.constants.COPYFILE_FICLONE,
    filter: (file) => !names.has(file),
  });
  for (const { own, real } of held) {
    const copy = path.join(target, path.relative(volume.local, own));
    await fs.mkdir(path.dirname(copy), { recursive: true });
    await fs.copyFile(real, copy, fs.constants.COPYFILE_FICLONE);
  }
}

/** Writes what the writer leaves in the copies for a VM: its configuration, and recovered disks. */
export async function finishCopies(
  lab: Lab,
  vms: readonly LabVm[],
  shadows: readonly LabShadow[],
  form: CopyForm,
  signal: AbortSignal,
): Promise<void> {
  const inCopy = (hostPath: string): string | undefined => {
    const volume = lab.paths.volumeOf(hostPath);
    const shadow = shadows.find((each) => driveOf(each) === volume?.drive);
    if (volume === undefined || shadow === undefined) return undefined;
    const local = lab.paths.toLocal(hostPath) ?? volume.local;
    const root = path.join(shadowFolder(lab, shadow), path.win32.basename(volume.root));
    return path.join(root, path.relative(volume.local, local));
  };
  for (const vm of vms) {
    const folder = inCopy(`C:\\Lab\\VMs\\${vm.id.toUpperCase()}\\Virtual Machines`);
    if (folder !== undefined) await writeSmallFiles(lab, vm, folder);
    if (form === 'plain') continue;
    for (const disk of vm.disks) await recoverDisk(disk, inCopy, form, signal);
  }
}

async function writeSmallFiles(lab: Lab, vm: LabVm, folder: string): Promise<void> {
  const id = vm.id.toUpperCase();
  await writeConfiguration(lab, vm, folder, id, ({ files }) => files.at(-1));
  if (lab.state.hostVersion !== '2012r2') return;
  await fs.rename(path.join(folder, `${id}.vmcx`), path.join(folder, `${id}.xml`));
  for (const ending of ['vmrs', 'vmgs']) await fs.rm(path.join(folder, `${id}.${ending}`));
  await fs.mkdir(path.join(folder, id), { recursive: true });
  for (const ending of ['bin', 'vsv']) {
    await fs.writeFile(path.join(folder, id, `${id}.${ending}`), Buffer.alloc(4096, 'memory '));
  }
}

/** Puts the consistent leaf beside a disk, or in its place. */
async function recoverDisk(
  { kind, files, virtualSize }: LabDisk,
  inCopy: (hostPath: string) => string | undefined,
  form: CopyForm,
  signal: AbortSignal,
): Promise<void> {
  const leaf = files.at(-1);
  const local = leaf === undefined ? undefined : inCopy(leaf);
  if (kind !== 'vhdx' || leaf === undefined || local === undefined) return;
  const { dir, name } = path.parse(local);
  if (form === 'missing' && files.length > 1) {
    const base = path.win32.parse(files[0] ?? '').name;
    await fs.rename(local, path.join(dir, `${base}-AutoRecovery.avhdx`));
    return;
  }
  const child = path.join(dir, `${name}-AutoRecovery.avhdx`);
  await createChild(local, child, leaf, signal);
  const storage = await FileStorage.open(child, {}, signal);
  try {
    const editor = await openEditor(storage, signal);
    await editor.write(virtualSize - RECOVERED.length, RECOVERED, signal);
    await editor.close();
  } finally {
    await storage.close();
  }
}

function volumeOf(lab: Lab, shadow: LabShadow): HostVolume {
  const found = lab.paths.volumes.find(({ drive }) => drive === driveOf(shadow));
  if (found === undefined) throw new Error(`no volume ${driveOf(shadow)}`);
  return found;
}
