import type { ByteSource } from '../../../source/byte-source.ts';
import type { Qcow2Defect } from '../structures/header-rules.ts';
import { section } from '../structures/layout.ts';
import type { Bitmaps, BitmapTable } from './bitmap-directory.ts';
import type { ClusterUse } from './cluster-use.ts';

const ENTRY = 8;
/** Bytes of a table that are read at once. */
const PIECE = 2 ** 20;
/** Offset of a cluster in the higher half of an entry (Bitmap table: bits 9 to 55). */
const HIGH = 0x00ffffff;
/** Bit 0 of an entry without cluster: all of its bits are ones, not zeros. */
const ONES = 1;

/** Counts the clusters of bitmaps, and yields entries of their tables that name no cluster. */
export async function* countBitmaps(
  source: ByteSource,
  { tables, size, offset }: Bitmaps,
  clusterSize: number,
  use: ClusterUse,
  signal: AbortSignal,
): AsyncGenerator<Qcow2Defect> {
  if (size > 0) use.add(offset, size);
  for (const table of tables) {
    const length = table.entries * ENTRY;
    use.add(table.offset, length);
    const bytes = new Uint8Array(Math.min(PIECE, length));
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < length; at += PIECE) {
      const piece = bytes.subarray(0, Math.min(PIECE, length - at));
      await source.read(table.offset + at, piece, signal);
      for (let within = 0; within < piece.length; within += ENTRY) {
        const [high, low] = [view.getUint32(within), view.getUint32(within + 4)];
        if (high === 0 && low <= ONES) continue;
        const cluster = (high & HIGH) * 2 ** 32 + low - (low % 512);
        const sound =
          (high & ~HIGH) === 0 &&
          low % 512 === 0 &&
          cluster % clusterSize === 0 &&
          cluster + clusterSize <= source.size;
        if (sound) use.add(cluster, clusterSize);
        else yield broken(table, table.offset + at + within, cluster, clusterSize);
      }
    }
  }
}

const broken = (
  { name }: BitmapTable,
  offset: number,
  cluster: number,
  clusterSize: number,
): Qcow2Defect => ({
  code: 'qcow2.bitmaps.table',
  severity: 'warning',
  structure: `qcow2 table of the bitmap “${name}”`,
  offset,
  found: cluster,
  expected: `a multiple of ${clusterSize} inside the file, without reserved bits`,
  section: section('Bitmap table'),
});
