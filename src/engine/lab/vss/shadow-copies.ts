import fs from 'node:fs/promises';
import { newGuid, type Guid } from '../../base/guid.ts';
import { labError } from '../lab-errors.ts';
import type { LabDrive } from '../files/host-paths.ts';
import type { Lab } from '../model/lab.ts';
import type { LabShadow } from '../state/state.ts';
import { copyVolume } from './frozen-copies.ts';
import { shadowFolder } from './volumes.ts';

/** Returns the number of the next device. */
export const nextNumber = ({ state }: Lab): number =>
  Math.max(0, ...(state.shadows ?? []).map((each) => each.number)) + 1;

/**
 * Makes a shadow copy of a volume of the lab, as another program would: without writers, so that the
 * files of running VMs in it are as after a loss of power. Files are shared with the volume where
 * the file system can.
 */
export async function createShadow(lab: Lab, volume: LabDrive = 'C'): Promise<LabShadow> {
  const shadow: LabShadow = {
    id: newGuid(),
    set: newGuid(),
    number: nextNumber(lab),
    created: new Date().toISOString(),
    clientAccessible: true,
    noWriters: true,
    volume,
  };
  await copyVolume(lab, shadow);
  (lab.state.shadows ??= []).push(shadow);
  await lab.save();
  return shadow;
}

/** Removes a shadow copy with its files. Throws `lab.argument` for one that does not exist. */
export async function removeShadow(lab: Lab, id: Guid): Promise<LabShadow> {
  const shadows = lab.state.shadows ?? [];
  const shadow = shadows.find((each) => each.id === id);
  if (shadow === undefined) {
    throw labError('lab.argument', `The lab has no shadow copy ${id}`, {
      data: { found: id, expected: shadows.map((each) => each.id) },
    });
  }
  await dropShadows(lab, [shadow]);
  return shadow;
}

/** Removes shadow copies with their files and their mounts; those that are gone are skipped. */
export async function dropShadows(lab: Lab, gone: readonly LabShadow[]): Promise<void> {
  const ids = new Set(gone.map(({ id }) => id));
  const shadows = (lab.state.shadows ??= []);
  const listed = shadows.filter(({ id }) => ids.has(id));
  for (const shadow of listed) {
    shadows.splice(shadows.indexOf(shadow), 1);
    await unmount(shadow);
  }
  await lab.save();
  for (const shadow of gone) {
    // Another program may have got the number meanwhile.
    if (shadows.some(({ number }) => number === shadow.number)) continue;
    await fs.rm(shadowFolder(lab, shadow), { recursive: true, force: true });
  }
}

/** Removes the mount of a shadow copy: the folder is empty again. */
export async function unmount(shadow: LabShadow): Promise<void> {
  const { mount } = shadow;
  if (mount === undefined) return;
  delete shadow.mount;
  const found = await fs.lstat(mount).catch(() => undefined);
  if (found?.isSymbolicLink() !== true) return;
  await fs.unlink(mount);
  await fs.mkdir(mount);
}
