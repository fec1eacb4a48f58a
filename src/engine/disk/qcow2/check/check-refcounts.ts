import type { ByteSource } from '../../../source/byte-source.ts';
import type { Qcow2Defect } from '../structures/header-rules.ts';
import type { Qcow2Header } from '../structures/header.ts';
import { REFCOUNT_TABLE_ENTRY, section } from '../structures/layout.ts';
import { readRefcount, refcountsPerBlock } from '../structures/refcounts.ts';
import type { ClusterUse } from './cluster-use.ts';

const SECTION = section('Host cluster management');

/** The refcount blocks of an image. */
export interface RefcountBlocks {
  /** Offset of each block, by its number; 0 for a missing or a misplaced one. */
  readonly offsets: Float64Array;
  /** An entry names a place that cannot be a block. */
  readonly misplaced: boolean;
}

/** Reads the refcounts into `use`, and counts the clusters of their tables. */
export async function* readRefcounts(
  source: ByteSource,
  header: Qcow2Header,
  use: ClusterUse,
  signal: AbortSignal,
): AsyncGenerator<Qcow2Defect, RefcountBlocks> {
  const { refcountTableOffset, refcountTableClusters, refcountOrder, clusterBits } = header;
  const clusterSize = 2 ** clusterBits;
  const table = new Uint8Array(refcountTableClusters * clusterSize);
  await source.read(refcountTableOffset, table, signal);
  use.add(refcountTableOffset, table.length);
  const view = new DataView(table.buffer);
  const block = new Uint8Array(clusterSize);
  const each = refcountsPerBlock(clusterSize, refcountOrder);
  const offsets = new Float64Array(table.length / REFCOUNT_TABLE_ENTRY);
  let misplaced = false;
  for (let i = 0; i < offsets.length; i++) {
    const offset = Number(view.getBigUint64(i * REFCOUNT_TABLE_ENTRY));
    if (offset === 0) continue;
    if (offset % clusterSize !== 0 || offset + clusterSize > source.size) {
      misplaced = true;
      yield {
        code: 'qcow2.refcountTable.entry',
        structure: `qcow2 refcount table entry ${i}`,
        offset: refcountTableOffset + i * REFCOUNT_TABLE_ENTRY,
        found: offset,
        expected: `a multiple of ${clusterSize} inside the file of ${source.size} bytes`,
        section: SECTION,
      };
      continue;
    }
    offsets[i] = offset;
    use.add(offset, clusterSize);
    await source.read(offset, block, signal);
    const last = Math.min(each, use.clusters - i * each);
    for (let n = 0; n < last; n++) use.record(i * each + n, readRefcount(block, n, refcountOrder));
  }
  return { offsets, misplaced };
}

/** Yields the clusters whose recorded refcounts differ from the references found. */
export function* refcountDefects(use: ClusterUse, clusterSize: number): Generator<Qcow2Defect> {
  for (let cluster = 0; cluster < use.clusters; cluster++) {
    const [found, recorded] = [use.found(cluster), use.recorded(cluster)];
    if (found === recorded) continue;
    const leaked = recorded > found;
    const offset = cluster * clusterSize;
    yield {
      code: leaked ? 'qcow2.refcount.leaked' : 'qcow2.refcount.low',
      severity: leaked ? 'warning' : 'error',
      structure: `qcow2 refcount of cluster ${cluster}`,
      offset,
      found: recorded,
      expected: found,
      section: SECTION,
      text: leaked
        ? `the cluster at ${offset} has the refcount ${recorded}, and ${found} references: its space is lost`
        : `the cluster at ${offset} has the refcount ${recorded}, but ${found} references: a write may overwrite data that is in use`,
    };
  }
}
