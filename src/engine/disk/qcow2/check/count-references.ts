import type { ByteSource } from '../../../source/byte-source.ts';
import type { Qcow2Defect } from '../structures/header-rules.ts';
import { BITMAPS, type Qcow2Header } from '../structures/header.ts';
import type { Geometry } from '../structures/layout.ts';
import { checkTables, type L1Place } from './check-tables.ts';
import { MAX_CLUSTERS, type ClusterUse } from './cluster-use.ts';
import { readSnapshots } from './snapshot-tables.ts';

/** Maximum number of snapshots whose tables are read. */
const MAX_COUNTED = 256;

/** Returns why the references of an image cannot be counted; undefined if they can. */
export function reasonNotToCount(header: Qcow2Header, fileSize: number): string | undefined {
  if (fileSize / 2 ** header.clusterBits > MAX_CLUSTERS) {
    return `the file has more than ${MAX_CLUSTERS} clusters`;
  }
  if (header.snapshotCount > MAX_COUNTED) return `the image has more than ${MAX_COUNTED} snapshots`;
  if ((header.autoclear & BITMAPS) !== 0n) return 'the image has bitmaps';
  return undefined;
}

/** Returns the L1 table of the disk itself. */
export const diskTable = (header: Qcow2Header, active: boolean): L1Place => ({
  offset: header.l1Offset,
  entries: header.l1Size,
  active,
});

/**
 * Yields the defects of the L1 and L2 tables of the disk and of its snapshots, and counts the
 * references of header and tables to clusters. The refcounts must be recorded in `use` already.
 */
export async function* countReferences(
  source: ByteSource,
  header: Qcow2Header,
  g: Geometry,
  use: ClusterUse,
  signal: AbortSignal,
): AsyncGenerator<Qcow2Defect> {
  use.add(0, g.clusterSize);
  yield* checkTables(source, g, diskTable(header, true), use, signal);
  const snapshots: L1Place[] = [];
  yield* readSnapshots(source, header, use, snapshots, signal);
  for (const snapshot of snapshots) yield* checkTables(source, g, snapshot, use, signal);
}
