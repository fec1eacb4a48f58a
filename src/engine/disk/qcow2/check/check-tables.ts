import { alignDown } from '../../../base/range.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import type { Qcow2Defect } from '../structures/header-rules.ts';
import { decodeL1Entry, l1Defect, l1SharedDefect } from '../structures/l1-table.ts';
import { decodeL2Entry, type ClusterEntry } from '../structures/l2-entry.ts';
import { l2Defect } from '../structures/l2-rules.ts';
import { L1_ENTRY, section, type Geometry } from '../structures/layout.ts';
import type { ClusterUse } from './cluster-use.ts';

/** An L1 table, of the disk itself or of a snapshot in the image. */
export interface L1Place {
  readonly offset: number;
  readonly entries: number;
  /** Whether the flags of refcounts that are one must be right: not in snapshots. */
  readonly active: boolean;
}

/** Checks an L1 table and its L2 tables, and counts their references. */
export async function* checkTables(
  source: ByteSource,
  g: Geometry,
  { offset, entries, active }: L1Place,
  use: ClusterUse,
  signal: AbortSignal,
): AsyncGenerator<Qcow2Defect> {
  const l1 = new Uint8Array(entries * L1_ENTRY);
  await source.read(offset, l1, signal);
  use.add(offset, l1.length);
  const view = new DataView(l1.buffer);
  const table = new Uint8Array(g.clusterSize);
  const tableView = new DataView(table.buffer);
  let tables = 0;
  for (let index = 0; index < entries; index++) {
    const at = offset + index * L1_ENTRY;
    const entry = decodeL1Entry(view, index);
    const defect = l1Defect(entry, index, at, g, source.size);
    if (defect !== undefined) yield defect;
    if (defect !== undefined || entry.offset === 0) continue;
    if (++tables > source.size / g.clusterSize) {
      yield l1SharedDefect(index, at, g, source.size);
      return;
    }
    use.add(entry.offset, g.clusterSize);
    if (active && entry.owned !== use.single(entry.offset)) {
      yield wrongFlag(`qcow2 L1 entry ${index}`, at, entry.owned);
    }
    await source.read(entry.offset, table, signal);
    for (let i = 0; i < g.entries; i++) {
      const within = i * g.entrySize;
      if (tableView.getUint32(within) === 0 && tableView.getUint32(within + 4) === 0) {
        if (!g.extended) continue;
      }
      const cluster = index * g.entries + i;
      const place = entry.offset + within;
      const found = decodeL2Entry(tableView, within, g);
      const broken = l2Defect(found, cluster, place, g, source.size);
      if (broken === undefined) {
        yield* clusterDefects(found, cluster, place, g, active, use);
        continue;
      }
      yield broken;
      // Clusters that a damaged entry names are not called leaked too.
      if (found.kind !== 'compressed' && found.offset > 0) {
        use.add(alignDown(found.offset, g.clusterSize), g.clusterSize);
      }
    }
  }
}

function* clusterDefects(
  { kind, offset, length, owned }: ClusterEntry,
  cluster: number,
  at: number,
  g: Geometry,
  active: boolean,
  use: ClusterUse,
): Generator<Qcow2Defect> {
  const name = `qcow2 L2 entry of cluster ${cluster}`;
  if (kind === 'compressed') {
    use.add(offset, length);
    if (owned) yield wrongFlag(name, at, owned);
    return;
  }
  if (offset === 0) return;
  use.add(offset, g.clusterSize);
  if (active && owned !== use.single(offset)) yield wrongFlag(name, at, owned);
}

const wrongFlag = (structure: string, offset: number, set: boolean): Qcow2Defect => ({
  code: 'qcow2.refcount.copied',
  structure,
  field: 'flag of a refcount of one',
  offset,
  found: set ? 'set' : 'not set',
  expected: set ? 'not set: the refcount is not one' : 'set: the refcount is one',
  section: section('Cluster mapping'),
});
