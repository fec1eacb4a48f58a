import { never } from '../../../base/abort.ts';
import { ByteWriter } from '../../../base/bytes/byte-writer.ts';
import { splitAt } from '../../../base/range.ts';
import { NOT_PRESENT, UNDEFINED, UNMAPPED, ZERO } from '../structures/bat-entry.ts';
import { blockParts, writeBlock } from './block-edit.ts';
import type { EditSession } from './edit-session.ts';
import {
  batEntryCount,
  batIndexOfPayload,
  batRegionLength,
  bitmapBlockCount,
  batIndexOfBitmap,
  ITEM_VIRTUAL_SIZE,
  MIB,
  PAGE,
  payloadBlockCount,
} from '../structures/layout.ts';
import { setMetadataItem, setRegions } from './metadata-edit.ts';

const ZEROS = new Uint8Array(MIB);
/**
 * Log pages for the first pages of both region tables; more pages are needed if many regions are
 * listed.
 */
const REGION_PAGES = 32;

/**
 * Changes the size of the virtual disk in place, through the log. Added parts read as zeros, even
 * over a longer parent; the BAT moves if its region is too small. The size itself changes last when
 * growing and first when shrinking, so that a crash leaves the old size or the new one, never less
 * data. `size` must be valid for a VHDX (`checkGeometry`).
 */
export async function resizeDisk(session: EditSession, size: number): Promise<void> {
  const old = session.metadata.virtualSize;
  if (size === old) return;
  await session.commit();
  await session.begin(true);
  if (size > old) await grow(session, old, size);
  else await shrink(session, old, size);
}

async function setSize(session: EditSession, size: number): Promise<void> {
  await session.room(2);
  await setMetadataItem(session, ITEM_VIRTUAL_SIZE, new ByteWriter(8).u64(size).bytes);
  session.metadata = { ...session.metadata, virtualSize: size };
  await session.commit();
}

async function grow(session: EditSession, old: number, size: number): Promise<void> {
  const before = session.metadata;
  const after = { ...before, virtualSize: size };
  await makeRoomInBat(session, size);
  const differencing = before.parent !== undefined;
  const oldCount = batEntryCount(before, differencing);
  const newCount = batEntryCount(after, differencing);
  await clearEntries(session, oldCount, newCount);
  // From here on blocks behind the old end can be addressed; the file still has the old size.
  session.metadata = after;
  await clearTail(session, old, size);
  if (differencing) {
    const first = payloadBlockCount(before);
    for (let block = first; block < payloadBlockCount(after); block++) {
      await session.room(1);
      await session.setRawEntry(batIndexOfPayload(after, block), ZERO, 0);
    }
  }
  await setSize(session, size);
}

/** Clears entries that were not used before and may hold anything. */
async function clearEntries(session: EditSession, first: number, end: number): Promise<void> {
  const { offset } = session.regions.bat;
  for (const part of splitAt({ start: offset + first * 8, end: offset + end * 8 }, PAGE)) {
    await session.room(1);
    await session.pages.patch(part.start, new Uint8Array(part.end - part.start));
  }
}

/**
 * Zeros the rest of the last block behind the old end, which may hold anything, or show the parent.
 */
async function clearTail(session: EditSession, old: number, size: number): Promise<void> {
  const { blockSize, parent } = session.metadata;
  const end = Math.min(size, Math.ceil(old / blockSize) * blockSize);
  if (end === old) return;
  const { state } = await session.entry(Math.floor(old / blockSize));
  if (state === ZERO || state === UNDEFINED || state === UNMAPPED) return;
  if (state === NOT_PRESENT && parent === undefined) return;
  for (let at = old; at < end; at += ZEROS.length) {
    const length = Math.min(ZEROS.length, end - at);
    for (const part of blockParts(at, length, blockSize)) {
      await writeBlock(session, part, ZEROS.subarray(0, part.length));
    }
  }
}

/**
 * Moves a larger BAT to new space: writes it there in full, then updates the region tables in one
 * log entry.
 */
async function makeRoomInBat(session: EditSession, size: number): Promise<void> {
  const { bat } = session.regions;
  const differencing = session.metadata.parent !== undefined;
  const length = batRegionLength({ ...session.metadata, virtualSize: size }, differencing);
  if (length <= bat.length) return;
  const place = await session.allocate(length);
  const used = batEntryCount(session.metadata, differencing) * 8;
  for (let at = 0; at < length; at += MIB) {
    const piece = new Uint8Array(MIB);
    const held = Math.min(MIB, used - at);
    if (held > 0) await session.storage.read(bat.offset + at, piece.subarray(0, held), never);
    await session.writePayload(place.offset + at, piece);
  }
  await session.room(REGION_PAGES);
  await setRegions(session, {
    ...session.regions,
    bat: { ...bat, offset: place.offset, length },
  });
  session.free(bat.offset, bat.length);
  await session.commit();
}

async function shrink(session: EditSession, old: number, size: number): Promise<void> {
  const before = session.metadata;
  await setSize(session, size);
  const after = session.metadata;
  const blocks = payloadBlockCount(after);
  // Nothing behind the new end is read any longer: clear the entries to free their space.
  for (let block = Math.ceil(old / before.blockSize) - 1; block >= blocks; block--) {
    await session.room(1);
    const { state, offset } = await session.entry(block);
    if (offset !== 0 && state !== NOT_PRESENT && state !== ZERO) {
      session.free(offset, before.blockSize);
    }
    await session.setEntry(block, NOT_PRESENT, 0);
  }
  if (before.parent === undefined) return session.commit();
  for (let chunk = bitmapBlockCount(after); chunk < bitmapBlockCount(before); chunk++) {
    await session.room(1);
    const offset = await session.bitmap(chunk);
    if (offset !== undefined) session.free(offset, MIB);
    await session.setRawEntry(batIndexOfBitmap(after, chunk), NOT_PRESENT, 0);
  }
  return session.commit();
}
