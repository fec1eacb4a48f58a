import fs from 'node:fs/promises';
import path from 'node:path';
import { newGuid, type Guid } from '../../base/guid.ts';
import { labError } from '../lab-errors.ts';
import type { Lab } from '../model/lab.ts';
import type { LabShadow } from '../state/state.ts';

/** Returns the folder that has the files of a shadow copy, as they were. */
const shadowFolder = (lab: Lab, { number }: LabShadow): string =>
  path.join(path.dirname(lab.paths.localRoot), 'shadows', String(number));

/**
 * Makes a shadow copy of the lab's volume, as another program would: without writers, so that the
 * files of running VMs in it are as after a loss of power. Files are shared with the volume where
 * the file system can.
 */
export async function createShadow(lab: Lab): Promise<LabShadow> {
  const shadows = (lab.state.shadows ??= []);
  const number = Math.max(0, ...shadows.map((each) => each.number)) + 1;
  const shadow: LabShadow = {
    id: newGuid(),
    set: newGuid(),
    number,
    created: new Date().toISOString(),
    clientAccessible: true,
    noWriters: true,
  };
  const folder = shadowFolder(lab, shadow);
  await fs.rm(folder, { recursive: true, force: true });
  await fs.mkdir(folder, { recursive: true });
  await fs.cp(lab.paths.localRoot, folder, {
    recursive: true,
    mode: fs.constants.COPYFILE_FICLONE,
  });
  shadows.push(shadow);
  await lab.save();
  return shadow;
}

/** Removes a shadow copy with its files. Throws `lab.argument` for one that does not exist. */
export async function removeShadow(lab: Lab, id: Guid): Promise<LabShadow> {
  const shadows = lab.state.shadows ?? [];
  const at = shadows.findIndex((each) => each.id === id);
  const [shadow] = at < 0 ? [] : shadows.splice(at, 1);
  if (shadow === undefined) {
    throw labError('lab.argument', `The lab has no shadow copy ${id}`, {
      data: { found: id, expected: shadows.map((each) => each.id) },
    });
  }
  await lab.save();
  await fs.rm(shadowFolder(lab, shadow), { recursive: true, force: true });
  return shadow;
}
