import { never } from '../../../src/engine/base/abort.ts';
import type { DiskImage } from '../../../src/engine/disk/image/image.ts';

/** Reads a part of a disk that consists of layers, the child first; the parents end where they end. */
export async function readLayers(
  layers: readonly DiskImage[],
  start: number,
  into: Uint8Array,
): Promise<void> {
  const [image, ...parents] = layers;
  const end = Math.min(start + into.length, image?.size ?? 0);
  if (image === undefined || start >= end) return;
  for (const extent of await image.extentsOf({ start, end }, never)) {
    const part = into.subarray(extent.start - start, extent.end - start);
    if (extent.kind === 'data') await image.readData(extent.start, extent.offset, part, never);
    else if (extent.kind === 'transparent') await readLayers(parents, extent.start, part);
  }
}
