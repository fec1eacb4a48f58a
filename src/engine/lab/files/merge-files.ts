import { noProgress } from '../../base/progress.ts';
import { openImage } from '../../disk/chain/open-as.ts';
import type { DiskImage } from '../../disk/image/image.ts';
import { FileStorage } from '../../source/files/file-storage.ts';
import { editsIn } from './open-editor.ts';

/** Merges a file into its parent and returns the parent, closed. */
export async function mergeFiles(
  child: string,
  parent: string,
  signal: AbortSignal,
): Promise<DiskImage> {
  const childStorage = await FileStorage.open(child, {}, signal);
  try {
    const parentStorage = await FileStorage.open(parent, {}, signal);
    try {
      const edits = await editsIn(childStorage, signal);
      await edits.merge(childStorage, parentStorage, noProgress, signal);
    } finally {
      await parentStorage.close();
    }
  } finally {
    await childStorage.close();
  }
  const merged = await openImage(parent, signal);
  await merged.close();
  return merged;
}

/** Names another parent in a child: a merged file, or one that was moved. */
export async function relinkFile(
  child: string,
  parent: Pick<DiskImage, 'identity' | 'size'>,
  paths: { readonly relativePath: string; readonly absolutePath: string },
  signal: AbortSignal,
): Promise<void> {
  const storage = await FileStorage.open(child, {}, signal);
  try {
    const { identity, size } = parent;
    const edits = await editsIn(storage, signal);
    await edits.relink(storage, { identity, size, ...paths }, signal);
  } finally {
    await storage.close();
  }
}
