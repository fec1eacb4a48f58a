import type { PartWriter } from '../../../source/byte-source.ts';
import { zeroRuns } from '../../virtual/zero-scan.ts';
import { encodeL1Entry } from '../structures/l1-table.ts';
import {
  L1_ENTRY,
  l1EntriesNeeded,
  REFCOUNT_TABLE_ENTRY,
  type Geometry,
} from '../structures/layout.ts';
import { REFCOUNT_ORDER_V2, refcountsPerBlock, refcountTables } from '../structures/refcounts.ts';
import type { NewTables } from './new-head.ts';

/** Pages of the L1 table that are zero are left as gaps. */
const PAGE = 4096;

/**
 * Writes the L1 table and the refcounts behind everything else, from `end` on, a multiple of the
 * cluster size. Each cluster of a new file has exactly one reference.
 * @param tables offsets of the L2 tables by index
 * @returns the places for the header, and the file's size
 */
export async function writeTailTables(
  parts: PartWriter,
  g: Geometry,
  tables: ReadonlyMap<number, number>,
  end: number,
  signal: AbortSignal,
): Promise<{ readonly places: NewTables; readonly fileSize: number }> {
  const { clusterSize } = g;
  const l1Size = Math.max(1, l1EntriesNeeded(g));
  const l1 = new DataView(new ArrayBuffer(l1Size * L1_ENTRY));
  for (const [index, offset] of tables) encodeL1Entry(l1, index, offset);
  for (const run of zeroRuns(new Uint8Array(l1.buffer), PAGE)) {
    const bytes = new Uint8Array(l1.buffer, run.start, run.end - run.start);
    if (!run.zero) await parts.write(end + run.start, bytes, signal);
  }
  const used = end / clusterSize + Math.ceil(l1.byteLength / clusterSize);
  const { blocks, tableClusters, total } = refcountTables(used, clusterSize, REFCOUNT_ORDER_V2);
  const firstBlock = used * clusterSize;
  const tableOffset = firstBlock + blocks * clusterSize;
  await writeBlocks(parts, firstBlock, blocks, total, clusterSize, signal);
  const table = new DataView(new ArrayBuffer(blocks * REFCOUNT_TABLE_ENTRY));
  for (let i = 0; i < blocks; i++) {
    table.setBigUint64(i * REFCOUNT_TABLE_ENTRY, BigInt(firstBlock + i * clusterSize));
  }
  await parts.write(tableOffset, new Uint8Array(table.buffer), signal);
  const places = {
    l1Size,
    l1Offset: end,
    refcountTableOffset: tableOffset,
    refcountTableClusters: tableClusters,
  };
  return { places, fileSize: total * clusterSize };
}

/** Writes refcount blocks that count each of `total` clusters once. */
async function writeBlocks(
  parts: PartWriter,
  offset: number,
  blocks: number,
  total: number,
  clusterSize: number,
  signal: AbortSignal,
): Promise<void> {
  const perBlock = refcountsPerBlock(clusterSize, REFCOUNT_ORDER_V2);
  for (let i = 0; i < blocks; i++) {
    const block = new DataView(new ArrayBuffer(clusterSize));
    const count = Math.min(perBlock, total - i * perBlock);
    for (let entry = 0; entry < count; entry++) block.setUint16(entry * 2, 1);
    await parts.write(offset + i * clusterSize, new Uint8Array(block.buffer), signal);
  }
}
