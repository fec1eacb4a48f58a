import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import type { LabState } from './state.ts';
import { loadState } from './state-file.ts';

/**
 * Gives a copied lab its own computer name: two hosts of one network must not share one. A moved
 * lab keeps its name, since the folder stored in its state no longer holds it.
 * @param folder of the lab; stored in the state, which the caller saves.
 */
export async function giveOwnName(
  state: LabState,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const here = await fs.realpath(folder);
  const before: unknown = state.folder;
  if (before === here) return;
  if (typeof before === 'string' && (await holdsLab(before, state.machineName, signal))) {
    // At most 15 characters, as NetBIOS allows.
    state.machineName = `LAB-${randomBytes(4).toString('hex').toUpperCase()}`;
  }
  state.folder = here;
}

async function holdsLab(
  folder: string,
  machineName: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return (await loadState(folder, signal)).machineName === machineName;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
