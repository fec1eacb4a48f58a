import { EngineError } from '../../../base/errors.ts';
import type { RepairStep } from '../../../api/disk-check.ts';
import type { RepairStorage } from '../../image/image-repairs.ts';
import { isZero } from '../../virtual/zero-scan.ts';
import { readParts } from '../read/vhd-parts.ts';
import { VhdImage } from '../read/vhd-image.ts';
import { vhdChecksum } from '../structures/checksum.ts';
import { CHECKSUM_AT, decodeHeader } from '../structures/dynamic-header.ts';
import { blockCount } from '../structures/layout.ts';
import { vhdError } from '../structures/vhd-errors.ts';
import { blockPlaces } from './block-places.ts';

/** Offset of everything that only a differencing disk fills. */
const PARENT_AT = 40;

/**
 * Writes the checksum of the header of a dynamic disk again if its values are proven without it: the
 * number of entries by the size of the disk, block size and place of the BAT by all entries, and the
 * values of a parent by being zero. Those of a differencing disk have no such proof.
 */
export async function repairHeader(
  storage: RepairStorage,
  signal: AbortSignal,
): Promise<RepairStep[]> {
  const { headerBytes, subformat, size, defects } = await readParts(storage, signal);
  if (headerBytes === undefined || subformat !== 'dynamic' || size === undefined) return [];
  const broken = defects.filter(({ error }) => error !== undefined).map(({ code }) => code);
  if (broken.length !== 1 || broken[0] !== 'vhd.header.checksum') return [];
  const { offset } = headerBytes;
  const bytes = headerBytes.bytes.slice();
  const { maxEntries, blockSize } = decodeHeader(bytes);
  const allOnes = bytes.subarray(8, 16).every((byte) => byte === 0xff);
  if (!allOnes || !isZero(bytes.subarray(PARENT_AT))) return [];
  if (maxEntries !== blockCount(size.size, blockSize)) return [];
  const view = new DataView(bytes.buffer);
  view.setUint32(CHECKSUM_AT, vhdChecksum(bytes, CHECKSUM_AT));
  const proven = await storage.attempt(async () => {
    await storage.write(offset, bytes, signal);
    const image = VhdImage.of(await readParts(storage, signal));
    const places = image === undefined ? undefined : await blockPlaces(image, signal);
    if (places !== undefined && places.sound && places.blocks > 0) return;
    throw vhdError('vhd.header.checksum', 'the entries of the BAT do not confirm the header');
  });
  if (proven instanceof EngineError) return [];
  const what = 'Write the checksum of the dynamic header again; all its values are confirmed';
  return [{ code: 'vhd.header.checksum', offset: offset + CHECKSUM_AT, what }];
}
