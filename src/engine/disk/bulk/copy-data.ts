import type { Progress } from '../../base/progress.ts';
import type { ImageWriter } from '../image/image-writer.ts';
import { readInOrder } from '../virtual/read-ahead.ts';
import type { VirtualDisk } from '../virtual/virtual-disk.ts';
import { isZero } from '../virtual/zero-scan.ts';
import { bulkCopy } from './bulk-copy.ts';

/**
 * Passes all data of a disk to the writer of a new image without parent; leaves out zeros. Uses the
 * native library if possible. The caller completes or abandons the image. Progress advances by the
 * disk's size.
 */
export async function copyData(
  disk: VirtualDisk,
  writer: ImageWriter,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const borrow = (): ReturnType<NonNullable<ImageWriter['borrow']>> => writer.borrow?.();
  const advance = (bytes: number): void => progress.advance(bytes);
  const copied = await bulkCopy({ disk, borrow, leaf: 0, advance }, signal);
  if (copied !== undefined) {
    advance(disk.size - copied.readBytes);
    return;
  }
  for await (const piece of readInOrder(disk, signal)) {
    if (piece.bytes !== undefined && !isZero(piece.bytes)) {
      await writer.write(piece.start, piece.bytes, signal);
    }
    progress.advance(piece.length);
  }
}
