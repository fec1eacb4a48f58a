import type { ByteSource } from '../../../source/byte-source.ts';
import type { Qcow2Head } from '../read/read-head.ts';
import type { Qcow2Defect } from '../structures/header-rules.ts';
import { BITMAPS, type Qcow2Header } from '../structures/header.ts';
import type { Geometry } from '../structures/layout.ts';
import { NO_BITMAPS, readBitmaps, type Bitmaps } from './bitmap-directory.ts';
import { countBitmaps } from './bitmap-tables.ts';
import { checkTables, type L1Place } from './check-tables.ts';
import { MAX_CLUSTERS, type ClusterUse } from './cluster-use.ts';
import { readSnapshots } from './snapshot-tables.ts';

/** Maximum number of snapshots whose tables are read. */
const MAX_COUNTED = 256;

/** Facts that the count of the references of an image needs. */
export interface Countable {
  /** Why they cannot be counted; undefined if they can. */
  readonly reason?: string;
  readonly bitmaps: Bitmaps;
}

/** Finds out whether the references of an image can be counted. Throws `source.*`. */
export async function countable(
  source: ByteSource,
  header: Qcow2Header,
  { extensions, defects }: Pick<Qcow2Head, 'extensions' | 'defects'>,
  signal: AbortSignal,
): Promise<Countable> {
  if (source.size / 2 ** header.clusterBits > MAX_CLUSTERS) {
    const reason = `the file has more than ${MAX_CLUSTERS} clusters`;
    return { reason, bitmaps: NO_BITMAPS };
  }
  if (header.snapshotCount > MAX_COUNTED) {
    const reason = `the image has more than ${MAX_COUNTED} snapshots`;
    return { reason, bitmaps: NO_BITMAPS };
  }
  // Without its bit, the extension is outdated: its clusters belong to nothing.
  if ((header.autoclear & BITMAPS) === 0n) return { bitmaps: NO_BITMAPS };
  const reason = 'the bitmaps of the image cannot be read';
  const damaged = defects.some(({ code }) => code.startsWith('qcow2.bitmaps.'));
  if (damaged) return { reason, bitmaps: NO_BITMAPS };
  const bitmaps = await readBitmaps(source, header, extensions, signal);
  return bitmaps.broken === undefined ? { bitmaps } : { reason, bitmaps };
}

/** Returns the L1 table of the disk itself. */
export const diskTable = (header: Qcow2Header, active: boolean): L1Place => ({
  offset: header.l1Offset,
  entries: header.l1Size,
  active,
});

/**
 * Yields the defects of the L1 and L2 tables of the disk and of its snapshots, and counts the
 * references of header, tables and bitmaps to clusters. The refcounts must be recorded in `use` already.
 */
export async function* countReferences(
  source: ByteSource,
  header: Qcow2Header,
  g: Geometry,
  bitmaps: Bitmaps,
  use: ClusterUse,
  signal: AbortSignal,
): AsyncGenerator<Qcow2Defect> {
  use.add(0, g.clusterSize);
  yield* checkTables(source, g, diskTable(header, true), use, signal);
  const snapshots: L1Place[] = [];
  yield* readSnapshots(source, header, use, snapshots, signal);
  for (const snapshot of snapshots) yield* checkTables(source, g, snapshot, use, signal);
  yield* countBitmaps(source, bitmaps, g.clusterSize, use, signal);
}
