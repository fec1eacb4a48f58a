import { never } from '../../../base/abort.ts';
import { ByteWriter } from '../../../base/bytes/byte-writer.ts';
import { newGuid, type Guid } from '../../../base/guid.ts';
import type { Progress } from '../../../base/progress.ts';
import type { ByteStorage } from '../../../source/byte-source.ts';
import { FULLY_PRESENT, NOT_PRESENT, PARTIALLY_PRESENT } from '../structures/bat-entry.ts';
import { bitmapOfBlock, blockParts, writeBlock, zeroBlock } from './block-edit.ts';
import { EditSession } from './edit-session.ts';
import {
  bitmapBytesPerBlock,
  ITEM_DISK_ID,
  ITEM_PHYSICAL_SECTOR_SIZE,
  MIB,
  payloadBlockCount,
} from '../structures/layout.ts';
import { setMetadataItem } from './metadata-edit.ts';
import { setParentLocator } from './parent-link.ts';
import { resizeDisk } from './resize-disk.ts';
import { bitRuns } from '../structures/sector-bitmap.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

const COPY = 2 * MIB;

export interface MergedImage {
  /** The parent's new DataWriteGuid; children of the merged child must be linked to it. */
  readonly dataWriteGuid: Guid;
  /** Bytes copied from the child. */
  readonly copied: number;
}

/**
 * Merges a differencing image into its parent in place. The child may be deleted only after this
 * returns; its children must then be linked to the parent (`relinkVhdx`). The caller must hold both
 * files exclusively, and the parent must have no other child: it would no longer match.
 *
 * At any crash or cancellation the pair still reads as before, and running the merge again
 * completes it: the child names the parent's future DataWriteGuid (`parent_linkage2`) before the
 * parent takes it, and copying the data that the child hides changes nothing for readers of the
 * child. (That Windows uses the key in this order is inferred from its definition: UNCONFIRMED.)
 */
export async function mergeVhdx(
  childStorage: ByteStorage,
  parentStorage: ByteStorage,
  progress: Progress,
  signal: AbortSignal,
): Promise<MergedImage> {
  const child = await EditSession.open(childStorage, signal);
  const parent = await EditSession.open(parentStorage, signal);
  const dataWriteGuid = await announce(child, parent);
  parent.nextDataWriteGuid = dataWriteGuid;
  await parent.begin(true);
  const { virtualSize } = child.metadata;
  if (virtualSize > parent.metadata.virtualSize) await resizeDisk(parent, virtualSize);
  progress.phase('merge', virtualSize);
  let copied = 0;
  const blocks = payloadBlockCount(child.metadata);
  let block = 0;
  for (;;) {
    const next = await child.skipAbsent(block);
    progress.advance((next - block) * child.metadata.blockSize);
    block = next;
    if (block >= blocks) break;
    if (signal.aborted) {
      await parent.close();
      throw signal.reason;
    }
    copied += await mergeBlock(child, parent, block);
    progress.advance(lengthOfBlock(child, block));
    block++;
  }
  await copyDiskItems(child, parent);
  await resizeDisk(parent, virtualSize);
  await parent.close();
  return { dataWriteGuid, copied };
}

/**
 * Checks that the two belong together, names the parent's future DataWriteGuid in the child, and
 * returns it.
 */
async function announce(child: EditSession, parent: EditSession): Promise<Guid> {
  const locator = child.metadata.parent;
  if (locator === undefined) {
    throw vhdxError('vhdx.merge.kind', `${child.storage.name} is not a differencing image`, {
      data: { name: child.storage.name },
    });
  }
  const [a, b] = [child.metadata.logicalSectorSize, parent.metadata.logicalSectorSize];
  if (a !== b) {
    throw vhdxError(
      'vhdx.merge.kind',
      `the child has sectors of ${a} bytes, but the parent has sectors of ${b} bytes`,
      {
        data: { found: b, expected: a },
      },
    );
  }
  const current = parent.dataWriteGuid;
  if (current !== locator.linkage && current !== locator.linkage2) {
    throw vhdxError(
      'vhdx.merge.parent',
      `${parent.storage.name} has data GUID ${current}; ${child.storage.name} was made from ${locator.linkage}`,
      { data: { found: current, expected: locator.linkage } },
    );
  }
  // A resumed merge keeps the GUID that it had chosen.
  if (locator.linkage2 !== undefined && locator.linkage2 !== locator.linkage) {
    return locator.linkage2;
  }
  const linkage2 = newGuid();
  await setParentLocator(child, { ...locator, linkage2 });
  await child.close();
  return linkage2;
}

function lengthOfBlock(child: EditSession, block: number): number {
  const { blockSize, virtualSize } = child.metadata;
  return Math.min(blockSize, virtualSize - block * blockSize);
}

/** Returns the number of bytes copied. */
async function mergeBlock(child: EditSession, parent: EditSession, block: number): Promise<number> {
  const { state, offset } = await child.entry(block);
  if (state === NOT_PRESENT) return 0;
  const start = block * child.metadata.blockSize;
  const length = lengthOfBlock(child, block);
  if (state === FULLY_PRESENT) return copyRange(child, parent, offset, start, length);
  if (state !== PARTIALLY_PRESENT) {
    // ZERO, UNMAPPED and UNDEFINED hide the parent's data and read as zeros.
    for (const part of blockParts(start, length, parent.metadata.blockSize)) {
      await zeroBlock(parent, part);
    }
    return 0;
  }
  const sector = child.metadata.logicalSectorSize;
  const at = await bitmapOfBlock(child, block);
  const bits = await child.pages.read(at, bitmapBytesPerBlock(child.metadata));
  let copied = 0;
  for (const run of bitRuns(bits, 0, length / sector)) {
    if (!run.present) continue;
    const from = run.start * sector;
    const bytes = (run.end - run.start) * sector;
    copied += await copyRange(child, parent, offset + from, start + from, bytes);
  }
  return copied;
}

/** Copies from an offset of the child's file to an offset of the parent's disk. */
async function copyRange(
  child: EditSession,
  parent: EditSession,
  from: number,
  to: number,
  length: number,
): Promise<number> {
  for (let at = 0; at < length; at += COPY) {
    const bytes = new Uint8Array(Math.min(COPY, length - at));
    await child.storage.read(from + at, bytes, never);
    let done = 0;
    for (const part of blockParts(to + at, bytes.length, parent.metadata.blockSize)) {
      await writeBlock(parent, part, bytes.subarray(done, done + part.length));
      done += part.length;
    }
  }
  return length;
}

/**
 * Copies the items that describe the virtual disk and not the file: identity and physical sector
 * size. The size is changed last.
 */
async function copyDiskItems(child: EditSession, parent: EditSession): Promise<void> {
  const { diskId, physicalSectorSize } = child.metadata;
  await parent.room(2);
  await setMetadataItem(parent, ITEM_DISK_ID, new ByteWriter(16).guid(diskId).bytes);
  const sector = new ByteWriter(4).u32(physicalSectorSize).bytes;
  await setMetadataItem(parent, ITEM_PHYSICAL_SECTOR_SIZE, sector);
  parent.metadata = { ...parent.metadata, diskId, physicalSectorSize };
}
