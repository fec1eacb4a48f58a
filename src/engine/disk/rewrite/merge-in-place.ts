import path from 'node:path';
import type { Progress } from '../../base/progress.ts';
import { FileStorage } from '../../source/files/file-storage.ts';
import type { FileEnvironment } from '../../source/platform/file-environment.ts';
import { openDisk, type OpenDiskOptions } from '../chain/open-disk.ts';
import { editsOf } from './edits-of.ts';
import { refuseInStore, refuseOtherChildren } from './guards.ts';
import { noParent, type Merged } from './merge-to-file.ts';

export interface InPlaceOptions {
  readonly open: OpenDiskOptions;
  /** Name of the file that marks a folder as a store. */
  readonly storeMarker: string;
  readonly environment?: FileEnvironment;
}

/**
 * Merges a child into its parent, which changes. The child remains and stays readable over the
 * changed parent; it may be deleted afterwards. At a crash, an error or a cancellation the pair
 * reads as before, and merging again completes it. Throws `disk.edit.*`, and the errors of reading
 * and writing.
 */
export async function mergeInPlace(
  file: string,
  { open, storeMarker, environment }: InPlaceOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Merged> {
  const opened = await openDisk(file, open, signal);
  const [child, parent] = opened.layers;
  const [childPath = file, parentPath = ''] = opened.chain;
  try {
    if (parent === undefined) throw noParent(child);
    editsOf(child);
    editsOf(parent);
    await refuseInStore([childPath, parentPath], storeMarker);
    const folders = [path.dirname(parentPath), path.dirname(childPath)];
    await refuseOtherChildren(parent, folders, opened.chain, signal);
  } finally {
    await opened.disk.close();
  }
  const storages: FileStorage[] = [];
  try {
    for (const each of [childPath, parentPath]) {
      storages.push(
        await FileStorage.open(each, environment === undefined ? {} : { environment }, signal),
      );
    }
    const [childStorage, parentStorage] = storages as [FileStorage, FileStorage];
    const { copied } = await editsOf(child).merge(childStorage, parentStorage, progress, signal);
    return {
      child: childPath,
      parent: parentPath,
      target: parentPath,
      inPlace: true,
      virtualSize: child.size,
      copiedBytes: copied,
    };
  } finally {
    for (const storage of storages) await storage.close();
  }
}
