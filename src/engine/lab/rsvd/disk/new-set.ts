import fs from 'node:fs/promises';
import path from 'node:path';
import { activeName } from './snapshots.ts';
import { writeSet } from './set-file.ts';

/**
 * Makes a VHD Set without snapshots; leaves no file if that fails.
 * @param file local path of the `.vhds`
 * @param makeDisk makes the VHDX that holds its data
 */
export async function makeSet<T>(file: string, makeDisk: (file: string) => Promise<T>): Promise<T> {
  const active = activeName(file);
  const disk = path.join(path.dirname(file), active);
  const made = await makeDisk(disk);
  try {
    await writeSet(file, active);
  } catch (error) {
    await fs.rm(disk, { force: true });
    throw error;
  }
  return made;
}
