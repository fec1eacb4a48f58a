import { isEngineError, type EngineError } from '../../../base/errors.ts';
import type { Range } from '../../../base/range.ts';
import type { LayerExtent, LostExtent } from '../../image/image.ts';
import { l1Defect, l1SharedDefect } from '../structures/l1-table.ts';
import { decodeL2Entry, type ClusterEntry } from '../structures/l2-entry.ts';
import type { Qcow2Defect } from '../structures/header-rules.ts';
import { l2Defect } from '../structures/l2-rules.ts';
import { L1_ENTRY } from '../structures/layout.ts';
import { addCluster } from './cluster-extents.ts';
import { ExtentList } from './extent-list.ts';
import { defectErrors } from './read-head.ts';
import { L1_PAGE_ENTRIES, l1EntryIn, type TableReader } from './table-reader.ts';

/** Number of extents in a batch: subclusters can split each cluster into many. */
const MAX_BATCH = 8192;
/** A scan in progress. */
interface Scan {
  readonly tables: TableReader;
  readonly name: string;
  readonly out: ExtentList;
  readonly ahead: TablesAhead;
  readonly signal: AbortSignal;
  /** Number of L2 tables that were read, and the index of the last one. */
  count: number;
  last: number;
}

/**
 * Yields the extents of ranges of the disk, which must be ordered and disjoint; what cannot be read
 * is lost. Each L2 table is read once, some tables ahead of the one in use.
 */
export async function* scanClusters(
  tables: TableReader,
  name: string,
  ranges: readonly Range[],
  signal: AbortSignal,
): AsyncGenerator<(LayerExtent | LostExtent)[]> {
  const out = new ExtentList();
  const ahead = new TablesAhead(tables, signal);
  const scan: Scan = { tables, name, out, ahead, signal, count: 0, last: -1 };
  const { tableSpan } = tables.geometry;
  for (const { start, end } of ranges) {
    for (let at = start; at < end;) {
      signal.throwIfAborted();
      const index = Math.floor(at / tableSpan);
      const tableEnd = Math.min(end, (index + 1) * tableSpan);
      const page = await pageOf(scan, index, { start: at, end: tableEnd });
      const used = page === undefined ? index : firstUsed(page, index, Math.ceil(end / tableSpan));
      if (page === undefined) {
        at = tableEnd;
      } else if (used > index) {
        const to = Math.min(end, used * tableSpan);
        out.add(at, to, 'transparent', -1);
        at = to;
      } else {
        at = await addTable(scan, page, index, { start: at, end: tableEnd }, end);
      }
      if (out.length >= MAX_BATCH) yield out.take();
    }
  }
  if (out.length > 0) yield out.take();
}

/** Returns the page of an L1 entry; adds the part as lost if it cannot be read. */
async function pageOf(
  { tables, out, signal }: Scan,
  index: number,
  part: Range,
): Promise<DataView | undefined> {
  try {
    return await tables.l1Page(index, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    out.addLost(part.start, part.end, error);
    return undefined;
  }
}

/** Returns the first L1 entry from `index` on, within its page and below `end`, that is not 0. */
function firstUsed(page: DataView, index: number, end: number): number {
  const base = index - (index % L1_PAGE_ENTRIES);
  const last = Math.min(end, base + page.byteLength / L1_ENTRY);
  for (let at = index; at < last; at++) {
    const place = (at - base) * L1_ENTRY;
    if ((page.getUint32(place) & 0x7fffffff) !== 0 || page.getUint32(place + 4) !== 0) return at;
  }
  return last;
}

/**
 * Adds the extents of a part of the disk that one L2 table describes; returns the end of what was
 * added.
 */
async function addTable(
  scan: Scan,
  page: DataView,
  index: number,
  part: Range,
  end: number,
): Promise<number> {
  const { tables, out, ahead, signal } = scan;
  const { geometry: g, fileSize } = tables;
  const entry = l1EntryIn(page, index);
  const place = tables.l1EntryOffset(index);
  const defect = l1Defect(entry, index, place, g, fileSize);
  if (defect !== undefined) {
    addLost(scan, part, defect);
    return part.end;
  }
  if (index !== scan.last) scan.count++;
  scan.last = index;
  // Without this limit a small file could describe a disk that takes hours to scan.
  if (scan.count > fileSize / g.clusterSize) {
    addLost(scan, { start: part.start, end }, l1SharedDefect(index, place, g, fileSize));
    return end;
  }
  ahead.reach(page, index, Math.ceil(end / g.tableSpan));
  try {
    const table = await tables.l2Table(entry.offset, signal);
    addEntries(scan, { table, offset: entry.offset }, part);
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    out.addLost(part.start, part.end, error);
  }
  return part.end;
}

function addEntries(
  scan: Scan,
  { table, offset }: { readonly table: DataView; readonly offset: number },
  part: Range,
): void {
  const { geometry: g, fileSize } = scan.tables;
  for (let at = part.start; at < part.end;) {
    const cluster = Math.floor(at / g.clusterSize);
    const to = Math.min(part.end, (cluster + 1) * g.clusterSize);
    const within = (cluster % g.entries) * g.entrySize;
    const entry = decodeL2Entry(table, within, g);
    const defect = l2Defect(entry, cluster, offset + within, g, fileSize);
    if (defect === undefined) addCluster(scan.out, entry, at, to, g);
    else addLost(scan, { start: at, end: to }, defect);
    at = to;
  }
}

/** Adds an unreadable part; neighbours that break the same rule share the error of the first one. */
function addLost({ out, name }: Scan, { start, end }: Range, defect: Qcow2Defect): void {
  const error = out.lostBefore(start, defect.code) ?? defectErrors(defect, name)[0];
  if (error !== undefined) out.addLost(start, end, error);
}

/** Returns the error of an L2 entry that must not be followed. */
export function entryError(
  { geometry: g, fileSize }: TableReader,
  name: string,
  entry: ClusterEntry,
  cluster: number,
  at: number,
): EngineError | undefined {
  const defect = l2Defect(entry, cluster, at, g, fileSize);
  return defect === undefined ? undefined : defectErrors(defect, name)[0];
}

/** Begins to read the next L2 tables of a page of the L1 table. */
class TablesAhead {
  readonly #tables: TableReader;
  readonly #signal: AbortSignal;
  #next = 0;

  constructor(tables: TableReader, signal: AbortSignal) {
    this.#tables = tables;
    this.#signal = signal;
  }

  /** Announces that table `index` is in use, and that the scan ends before table `end`. */
  reach(page: DataView, index: number, end: number): void {
    const { ahead, geometry: g, fileSize } = this.#tables;
    const pageEnd = index - (index % L1_PAGE_ENTRIES) + L1_PAGE_ENTRIES;
    const to = Math.min(end, pageEnd, index + 1 + ahead);
    for (this.#next = Math.max(this.#next, index + 1); this.#next < to; this.#next++) {
      const next = this.#next;
      const entry = l1EntryIn(page, next);
      const place = this.#tables.l1EntryOffset(next);
      if (entry.offset === 0) continue;
      if (l1Defect(entry, next, place, g, fileSize) !== undefined) continue;
      // A failure is thrown again when the table is used.
      this.#tables.l2Table(entry.offset, this.#signal).catch(() => undefined);
    }
  }
}
