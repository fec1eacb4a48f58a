import {
  FULLY_PRESENT,
  NOT_PRESENT,
  PARTIALLY_PRESENT,
  UNDEFINED,
  UNMAPPED,
  ZERO,
} from '../structures/bat-entry.ts';
import type { EditSession } from './edit-session.ts';
import {
  batIndexOfBitmap,
  bitmapBytesPerBlock,
  chunkRatio,
  MIB,
  PAGE,
} from '../structures/layout.ts';
import { setBits } from '../structures/sector-bitmap.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

/** Part of one payload block; offsets in bytes of the virtual disk. */
export interface BlockPart {
  readonly block: number;
  /** Offset from the start of the block. */
  readonly within: number;
  readonly length: number;
}

const ZEROS = new Uint8Array(MIB);

/** Splits a range of the disk at block borders. */
export function* blockParts(
  offset: number,
  length: number,
  blockSize: number,
): Generator<BlockPart> {
  for (let at = 0; at < length;) {
    const within = (offset + at) % blockSize;
    const part = Math.min(blockSize - within, length - at);
    yield { block: Math.floor((offset + at) / blockSize), within, length: part };
    at += part;
  }
}

/** Whether a part covers all bytes of its block that the disk has. */
function isWholeBlock(session: EditSession, part: BlockPart): boolean {
  const { blockSize, virtualSize } = session.metadata;
  const end = Math.min(blockSize, virtualSize - part.block * blockSize);
  return part.within === 0 && part.length >= end;
}

/**
 * Maximum number of log pages that one step on a block may change: its entry, the bitmap's entry,
 * its part of the bitmap.
 */
function pagesPerBlock(session: EditSession): number {
  return 3 + Math.ceil(bitmapBytesPerBlock(session.metadata) / PAGE);
}

/**
 * Writes into one block, allocating it if needed. Visible at once, durable with the next commit.
 */
export async function writeBlock(
  session: EditSession,
  part: BlockPart,
  bytes: Uint8Array,
): Promise<void> {
  await session.room(pagesPerBlock(session));
  await session.begin(true);
  const entry = await session.entry(part.block);
  if (entry.state === FULLY_PRESENT || entry.state === PARTIALLY_PRESENT) {
    await session.writePayload(entry.offset + part.within, bytes);
    if (entry.state === PARTIALLY_PRESENT) await markSectors(session, part);
    return;
  }
  const { blockSize, parent } = session.metadata;
  const place = await session.allocate(blockSize);
  await session.writePayload(place.offset + part.within, bytes);
  // Space kept by UNDEFINED or UNMAPPED is not reused before the new entry is durable.
  if (entry.offset !== 0 && entry.state !== NOT_PRESENT && entry.state !== ZERO) {
    session.free(entry.offset, blockSize);
  }
  const transparent = parent !== undefined && entry.state === NOT_PRESENT;
  if (transparent && !isWholeBlock(session, part)) {
    await session.setEntry(part.block, PARTIALLY_PRESENT, place.offset);
    await ensureBitmap(session, part.block);
    await clearSectors(session, part.block);
    await markSectors(session, part);
    return;
  }
  if (!place.fresh) {
    const end = part.within + part.length;
    await session.writeZeros(place.offset, part.within);
    await session.writeZeros(place.offset + end, blockSize - end);
  }
  await session.setEntry(part.block, FULLY_PRESENT, place.offset);
}

/**
 * Makes a part of one block read as zeros; frees the block's space if the part is the whole block.
 */
export async function zeroBlock(session: EditSession, part: BlockPart): Promise<void> {
  await session.room(pagesPerBlock(session));
  const { state, offset } = await session.entry(part.block);
  const { parent, blockSize, leaveBlocksAllocated } = session.metadata;
  if (state === ZERO || (state === NOT_PRESENT && parent === undefined)) return;
  await session.begin(true);
  const noContents = state === UNDEFINED || state === UNMAPPED;
  if (noContents || (isWholeBlock(session, part) && !leaveBlocksAllocated)) {
    if (state !== NOT_PRESENT && offset !== 0) session.free(offset, blockSize);
    await session.setEntry(part.block, ZERO, 0);
    return;
  }
  for (let at = 0; at < part.length; at += ZEROS.length) {
    const length = Math.min(ZEROS.length, part.length - at);
    const piece = { block: part.block, within: part.within + at, length };
    await writeBlock(session, piece, ZEROS.subarray(0, length));
  }
}

/**
 * Returns the file offset of a block's bitmap. Throws `vhdx.bat.bitmap` if its chunk has no bitmap.
 */
export async function bitmapOfBlock(session: EditSession, block: number): Promise<number> {
  const ratio = chunkRatio(session.metadata);
  const chunk = Math.floor(block / ratio);
  const offset = await session.bitmap(chunk);
  if (offset === undefined) {
    throw vhdxError(
      'vhdx.bat.bitmap',
      `block ${block} is PARTIALLY_PRESENT, but chunk ${chunk} has no sector bitmap`,
      { data: { block, chunk } },
    );
  }
  return offset + (block % ratio) * bitmapBytesPerBlock(session.metadata);
}

async function ensureBitmap(session: EditSession, block: number): Promise<void> {
  const chunk = Math.floor(block / chunkRatio(session.metadata));
  if ((await session.bitmap(chunk)) !== undefined) return;
  const place = await session.allocate(MIB);
  if (!place.fresh) await session.writeZeros(place.offset, MIB);
  await session.setRawEntry(batIndexOfBitmap(session.metadata, chunk), FULLY_PRESENT, place.offset);
}

/** Bits from before the block became ZERO must not come back. */
async function clearSectors(session: EditSession, block: number): Promise<void> {
  const at = await bitmapOfBlock(session, block);
  await session.pages.patch(at, new Uint8Array(bitmapBytesPerBlock(session.metadata)));
}

async function markSectors(session: EditSession, part: BlockPart): Promise<void> {
  const { logicalSectorSize: sector } = session.metadata;
  const first = part.within / sector;
  const end = (part.within + part.length) / sector;
  const at = (await bitmapOfBlock(session, part.block)) + (first >>> 3);
  const bits = await session.pages.read(at, Math.ceil(end / 8) - (first >>> 3));
  const base = first - (first & 7);
  setBits(bits, first - base, end - base);
  await session.pages.patch(at, bits);
}
