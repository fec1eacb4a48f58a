import type { ByteSource } from '../../../source/byte-source.ts';
import {
  decodeBitmapEntry,
  decodePayloadEntry,
  NOT_PRESENT,
  rawState,
  ZERO,
} from '../structures/bat-entry.ts';
import type { VhdxHeader } from '../structures/header.ts';
import {
  batEntryCount,
  blockAtOrAfter,
  chunkRatio,
  isBitmapIndex,
  MIB,
  payloadBlockCount,
} from '../structures/layout.ts';
import type { VhdxMetadata } from '../structures/metadata/metadata-items.ts';
import { readExactly } from './read-structures.ts';
import type { RegionTable } from '../structures/regions/region-table.ts';
import type { UsedSpace } from './space-map.ts';

/**
 * Returns every part of the file that is in use: head, log, regions, and the blocks that the BAT
 * names. Checks every entry of the BAT on the way (`vhdx.bat.*`), in pieces of 1 MiB.
 */
export async function usedSpace(
  source: ByteSource,
  header: VhdxHeader,
  regions: RegionTable,
  metadata: VhdxMetadata,
  signal: AbortSignal,
): Promise<readonly UsedSpace[]> {
  const used: UsedSpace[] = [{ offset: 0, length: MIB }];
  if (header.logLength > 0) used.push({ offset: header.logOffset, length: header.logLength });
  for (const { offset, length } of [regions.bat, regions.metadata, ...regions.others]) {
    used.push({ offset, length });
  }
  const bytes = batEntryCount(metadata, metadata.parent !== undefined) * 8;
  for (let at = 0; at < bytes; at += MIB) {
    const length = Math.min(MIB, bytes - at);
    const place = regions.bat.offset + at;
    const piece = await readExactly(source, place, length, 'the BAT', signal);
    collect(piece, at / 8, place, metadata, used);
  }
  return used;
}

function collect(
  piece: Uint8Array,
  firstIndex: number,
  fileOffset: number,
  metadata: VhdxMetadata,
  used: UsedSpace[],
): void {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
  const differencing = metadata.parent !== undefined;
  const ratio = chunkRatio(metadata);
  const blocks = payloadBlockCount(metadata);
  for (let i = 0; i < piece.length; i += 8) {
    const low = view.getUint32(i, true);
    const high = view.getUint32(i + 4, true);
    if (low === 0 && high === 0) continue;
    const index = firstIndex + i / 8;
    if (isBitmapIndex(ratio, index)) {
      const offset = decodeBitmapEntry(low, high, differencing, fileOffset + i);
      if (offset !== undefined) used.push({ offset, length: MIB });
      continue;
    }
    // Entries between the last block and the end of its chunk have no meaning.
    if (blockAtOrAfter(ratio, index) >= blocks) continue;
    const { offset } = decodePayloadEntry(low, high, differencing, fileOffset + i);
    const state = rawState(low);
    // NOT_PRESENT and ZERO have no space; UNDEFINED and UNMAPPED may have kept theirs.
    if (offset !== 0 && state !== NOT_PRESENT && state !== ZERO) {
      used.push({ offset, length: metadata.blockSize });
    }
  }
}
