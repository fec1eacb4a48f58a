import { readdir, readlink } from 'node:fs/promises';
import { delay, never } from '../../../src/engine/base/abort.ts';
import type { VssLab } from './vss-lab.ts';

/** Time between two looks, in milliseconds. */
const LOOK = 20;

/**
 * Waits until no program of the lab's remote shells runs any more. A killed program ends a moment after its shell has answered, and a
 * fault that is switched off before that lets its step go on. Their working folders are below the lab's; Linux only.
 */
export async function shellProgramsEnded({ folder }: VssLab): Promise<void> {
  while (await runsBelow(folder)) await delay(LOOK, never);
}

async function runsBelow(folder: string): Promise<boolean> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(ids.map((id) => readlink(`/proc/${id}/cwd`).catch(() => '')));
  return folders.some((each) => each.startsWith(`${folder}/`));
}
