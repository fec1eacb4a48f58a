import { alignUp } from '../../../base/range.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { structureRanges, readParts } from '../read/vhd-parts.ts';
import { VhdImage } from '../read/vhd-image.ts';
import { FOOTER_SIZE, SECTOR } from '../structures/layout.ts';
import { blockPlaces } from './block-places.ts';

/**
 * Returns where the missing footer of a dynamic or differencing disk belongs: in the last 512 bytes
 * of a file of whole sectors if no block reaches into them, else behind the last block. Undefined if blocks were cut off, or
 * tables are damaged: then nothing proves the place.
 */
export async function footerPlace(
  source: ByteSource,
  signal: AbortSignal,
): Promise<number | undefined> {
  const parts = await readParts(source, signal);
  const image = VhdImage.of(parts);
  const { header, headerBytes } = parts;
  if (image === undefined || header === undefined || headerBytes === undefined) return undefined;
  const places = await blockPlaces(image, signal);
  if (places === undefined || !places.sound) return undefined;
  const tables = structureRanges(header, headerBytes.offset).map(({ end }) => end);
  const end = alignUp(Math.max(places.end, ...tables), SECTOR);
  // A footer counts at the very end of the file only, which is extended to whole sectors.
  return Math.max(end, alignUp(Math.max(0, source.size - FOOTER_SIZE), SECTOR));
}
