import fs from 'node:fs/promises';
import path from 'node:path';
import { never } from '../../../base/abort.ts';
import { createChild } from '../../files/disk-files.ts';
import { mergeFiles, relinkFile } from '../../files/merge-files.ts';
import type { SetState } from './set-state.ts';

/** Translates a local path to one of the host, which children record. */
export type ToHost = (local: string) => string;

/** Files of a set that are neither active nor a snapshot's, and have at most one child. */
export function superfluous({ files, snapshots, active }: SetState): readonly string[] {
  return files
    .map(({ name }) => name)
    .filter((name) => name !== active && !snapshots.some(({ file }) => file === name))
    .filter((name) => files.filter(({ parent }) => parent === name).length <= 1);
}

/** Creates an empty child of a file of a set; the caller records it. */
export async function addChild(
  folder: string,
  parent: string,
  child: string,
  toHost: ToHost,
): Promise<void> {
  const local = path.join(folder, parent);
  await createChild(local, path.join(folder, child), toHost(local), never);
}

/**
 * Removes one superfluous file: without a child it is deleted, else its child is merged into it. Returns
 * false if there is not one. The state changes; the caller saves it.
 */
export async function collapseOne(
  folder: string,
  state: SetState,
  toHost: ToHost,
): Promise<boolean> {
  const [name] = superfluous(state);
  if (name === undefined) return false;
  const child = state.files.find(({ parent }) => parent === name);
  if (child === undefined) {
    state.files = state.files.filter((file) => file.name !== name);
    await fs.rm(path.join(folder, name), { force: true });
    return true;
  }
  const local = path.join(folder, name);
  const merged = await mergeFiles(path.join(folder, child.name), local, never);
  for (const grandchild of state.files.filter(({ parent }) => parent === child.name)) {
    const paths = { relativePath: `.\\${name}`, absolutePath: toHost(local) };
    await relinkFile(path.join(folder, grandchild.name), merged, paths, never);
    grandchild.parent = name;
  }
  state.files = state.files.filter((file) => file !== child);
  for (const snapshot of state.snapshots) if (snapshot.file === child.name) snapshot.file = name;
  if (state.active === child.name) state.active = name;
  await fs.rm(path.join(folder, child.name), { force: true });
  return true;
}
