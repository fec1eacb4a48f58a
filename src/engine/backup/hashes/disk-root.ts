import type { Progress } from '../../base/progress.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import { hashDisk } from './hash-disk.ts';
import type { HashFormat } from './hash-format.ts';
import { HashTreeWriter } from './hash-tree-writer.ts';

/**
 * Computes the hash root of a disk in a format by reading all of its data. Cells without data are
 * zero and not read.
 */
export async function diskRoot(
  disk: VirtualDisk,
  format: HashFormat,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  const tree = HashTreeWriter.begin(null, disk.size, format, null);
  await hashDisk(disk, tree, progress, signal);
  return (await tree.finish(signal)).root;
}
