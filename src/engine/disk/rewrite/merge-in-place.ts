import type { Progress } from '../../base/progress.ts';
import type { ByteStorage } from '../../source/byte-source.ts';
import type { FileAccess } from '../../source/files/file-access.ts';
import { FileStorage } from '../../source/files/file-storage.ts';
import { LOCAL_ACCESS } from '../../source/files/local-access.ts';
import { pathsOf } from '../../source/platform/path-flavour.ts';
import type { FileEnvironment } from '../../source/platform/file-environment.ts';
import { openDisk, type OpenDiskOptions } from '../chain/open-disk.ts';
import { openListed } from '../chain/open-listed.ts';
import { editsOf } from './edits-of.ts';
import { refuseInStore, refuseOtherChildren } from './guards.ts';
import { noParent, type Merged } from './merge-to-file.ts';

export interface InPlaceOptions {
  readonly open: OpenDiskOptions;
  /** Name of the file that marks a folder as a store. */
  readonly storeMarker: string;
  readonly environment?: FileEnvironment;
  /** Undefined: the files are of this machine. */
  readonly elsewhere?: ElsewhereFiles;
}

/** Files of a pair that lie elsewhere than on this machine. */
export interface ElsewhereFiles {
  readonly access: FileAccess;
  /** Paths of the parents, the nearest first. */
  readonly parents: readonly string[];
  readonly change: (path: string, signal: AbortSignal) => Promise<ByteStorage>;
}

/**
 * Merges a child into its parent, which changes. The child remains and stays readable over the
 * changed parent; it may be deleted afterwards. At a crash, an error or a cancellation the pair
 * reads as before, and merging again completes it. Throws `disk.edit.*`, and the errors of reading
 * and writing.
 */
export async function mergeInPlace(
  file: string,
  { open, storeMarker, environment, elsewhere }: InPlaceOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Merged> {
  const access = elsewhere?.access ?? LOCAL_ACCESS;
  const opened =
    elsewhere === undefined
      ? await openDisk(file, open, signal)
      : await openListed([file, ...elsewhere.parents], { open: access.open.bind(access) }, signal);
  const [child, parent] = opened.layers;
  const [childPath = file, parentPath = ''] = opened.chain;
  try {
    if (parent === undefined) throw noParent(child);
    editsOf(child);
    editsOf(parent);
    await refuseInStore([childPath, parentPath], storeMarker, access);
    const paths = pathsOf(access.flavour);
    const folders = [paths.dirname(parentPath), paths.dirname(childPath)];
    await refuseOtherChildren(parent, folders, opened.chain, signal, access);
  } finally {
    await opened.disk.close();
  }
  const change =
    elsewhere?.change ??
    ((each: string): Promise<ByteStorage> =>
      FileStorage.open(each, environment === undefined ? {} : { environment }, signal));
  const storages: ByteStorage[] = [];
  try {
    for (const each of [childPath, parentPath]) storages.push(await change(each, signal));
    const [childStorage, parentStorage] = storages as [ByteStorage, ByteStorage];
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
