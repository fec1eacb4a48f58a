import path from 'node:path';
import type { Guid } from '../../base/guid.ts';
import { openImage } from '../../disk/chain/open-as.ts';
import type { ImageWriter } from '../../disk/image/image-writer.ts';
import { VhdWriter } from '../../disk/vhd/write/vhd-writer.ts';
import type { PartWriter } from '../../source/byte-source.ts';
import { createFilePart } from '../../source/files/file-part.ts';

/** Returns the writer of a dynamic VHD. The identity is the one that its children record. */
export const newVhd = (part: PartWriter, size: number, diskId: Guid): ImageWriter =>
  new VhdWriter(part, { size, subformat: 'dynamic', diskId });

/**
 * Creates an empty differencing VHD (`.avhd`) on top of `parentFile`, in the same folder. Each file
 * of a chain has an identity of its own.
 */
export async function createVhdChild(
  parentFile: string,
  childFile: string,
  parentHostPath: string,
  signal: AbortSignal,
): Promise<void> {
  const parent = await openImage(parentFile, signal);
  await parent.close();
  const part = await createFilePart(childFile, {}, signal);
  try {
    const writer = new VhdWriter(part, {
      size: parent.size,
      subformat: 'differencing',
      ...(parent.subformat === 'fixed' || parent.blockSize === undefined
        ? {}
        : { blockSize: parent.blockSize }),
      parent: {
        identity: parent.identity,
        size: parent.size,
        relativePath: path.win32.basename(parentHostPath),
        absolutePath: parentHostPath,
      },
    });
    await writer.complete(signal);
  } catch (error) {
    await part.abandon();
    throw error;
  }
}
