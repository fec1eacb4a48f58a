import path from 'node:path';
import { activeName } from './snapshots.ts';
import { writeSet } from './set-file.ts';

/**
 * Makes a VHD Set without snapshots.
 * @param file local path of the `.vhds`
 * @param makeDisk makes the VHDX that holds its data
 */
export async function makeSet<T>(file: string, makeDisk: (file: string) => Promise<T>): Promise<T> {
  const active = activeName(file);
  const made = await makeDisk(path.join(path.dirname(file), active));
  await writeSet(file, active);
  return made;
}
