import { type Range } from '../../../base/range.ts';
import { forEachInFlight } from '../../../base/in-flight.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { LoadBudget } from '../../../source/load-budget.ts';
import type { DiskImage, LayerExtent, LostExtent, ParentLink } from '../../image/image.ts';
import { l1Defect } from '../structures/l1-table.ts';
import { decodeL2Entry, type ClusterEntry } from '../structures/l2-entry.ts';
import type { Geometry } from '../structures/layout.ts';
import { entryError, scanClusters } from './cluster-scan.ts';
import { CompressedClusters } from './compressed-clusters.ts';
import { parentLink } from './parent-link.ts';
import { defectErrors, headErrors, readHead, type Qcow2Head } from './read-head.ts';
import { l1EntryIn, TableReader } from './table-reader.ts';

/** Memory for cached tables and decompressed clusters of one image, in bytes. */
const CACHE_BYTES = 8 * 2 ** 20;
/** Number of compressed clusters of one read that are decompressed at once. */
const IN_FLIGHT = 4;

export interface OpenQcow2Options {
  /** Memory for cached tables, shared by the images of a chain; private if absent. */
  readonly budget?: LoadBudget;
}

/**
 * One opened qcow2 file (qemu, docs/interop/qcow2.txt), version 2 or 3, read-only and without its
 * backing file. Reads the active disk; internal snapshots and bitmaps are ignored. Refcounts are not
 * needed for reading, so a dirty image reads as it is.
 */
export class Qcow2Image implements DiskImage {
  readonly format = 'qcow2';
  readonly logicalSectorSize = 512;
  /** Children of a qcow2 record the name of the file only. */
  readonly identity = undefined;
  readonly head: Qcow2Head;
  readonly parent: ParentLink | undefined;
  readonly #source: ByteSource;
  readonly #tables: TableReader;
  readonly #compressed: CompressedClusters;

  private constructor(source: ByteSource, head: Qcow2Head, g: Geometry, budget: LoadBudget) {
    const { l1Offset = 0, compressionType = 0 } = head.header ?? {};
    this.#source = source;
    this.head = head;
    this.parent = head.backing === undefined ? undefined : parentLink(head.backing);
    this.#tables = new TableReader(source, g, l1Offset, budget);
    const compression = compressionType === 1 ? 'zstd' : 'zlib';
    this.#compressed = new CompressedClusters(source, compression, g.clusterSize, budget);
  }

  /**
   * Opens and validates an image. `source` is closed with the image, and on failure. Throws
   * `qcow2.*` at the first defect that a reader must not accept.
   */
  static async open(
    source: ByteSource,
    options: OpenQcow2Options,
    signal: AbortSignal,
  ): Promise<Qcow2Image> {
    try {
      const head = await readHead(source, signal);
      const [error] = headErrors(head, source.name);
      if (error !== undefined) throw error;
      return Qcow2Image.of(source, head, options);
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  /** Creates the image of a head whose geometry is known, whatever else is wrong with it. */
  static of(source: ByteSource, head: Qcow2Head, options: OpenQcow2Options): Qcow2Image {
    const { budget = new LoadBudget(CACHE_BYTES) } = options;
    return new Qcow2Image(source, head, head.geometry as Geometry, budget);
  }

  get name(): string {
    return this.#source.name;
  }

  get size(): number {
    return this.#tables.geometry.size;
  }

  get fileSize(): number {
    return this.#source.size;
  }

  get blockSize(): number {
    return this.#tables.geometry.clusterSize;
  }

  get subformat(): 'dynamic' | 'differencing' {
    return this.parent === undefined ? 'dynamic' : 'differencing';
  }

  async extentsOf(within: Range, signal: AbortSignal): Promise<readonly LayerExtent[]> {
    const out: LayerExtent[] = [];
    const range = { start: within.start, end: Math.min(within.end, this.size) };
    if (range.start >= range.end) return out;
    for await (const batch of this.extentsIn([range], signal)) out.push(...batch);
    return out;
  }

  async *extentsIn(
    ranges: readonly Range[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly LayerExtent[]> {
    for await (const batch of this.surveyedIn(ranges, signal)) yield batch.map(readable);
  }

  surveyedIn(
    ranges: readonly Range[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly (LayerExtent | LostExtent)[]> {
    return scanClusters(this.#tables, this.name, ranges, signal);
  }

  /**
   * Reads bytes of one data extent; with offset -1 from compressed clusters. The last cluster may be
   * cut short by the file's end: the rest of it reads as zeros.
   */
  async readData(
    start: number,
    offset: number,
    into: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    if (offset < 0) return this.#readCompressed(start, into, signal);
    const there = Math.max(0, Math.min(into.length, this.fileSize - offset));
    into.fill(0, there);
    if (there > 0) await this.#source.read(offset, into.subarray(0, there), signal);
  }

  async close(): Promise<void> {
    await this.#source.close();
  }

  async #readCompressed(start: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const { clusterSize } = this.#tables.geometry;
    const end = start + into.length;
    const clusters: number[] = [];
    for (let c = Math.floor(start / clusterSize); c * clusterSize < end; c++) clusters.push(c);
    const readOne = async (cluster: number): Promise<void> => {
      const entry = await this.#entryOf(cluster, signal);
      const bytes = await this.#compressed.get(cluster, entry, signal);
      const base = cluster * clusterSize;
      const [from, to] = [Math.max(start, base), Math.min(end, base + clusterSize)];
      into.set(bytes.subarray(from - base, to - base), from - start);
    };
    await forEachInFlight(clusters, IN_FLIGHT, readOne, signal);
  }

  /** Returns the L2 entry of a cluster that is known to be compressed. */
  async #entryOf(cluster: number, signal: AbortSignal): Promise<ClusterEntry> {
    const { geometry: g, fileSize } = this.#tables;
    const index = Math.floor(cluster / g.entries);
    const page = await this.#tables.l1Page(index, signal);
    const l1 = l1EntryIn(page, index);
    const place = this.#tables.l1EntryOffset(index);
    const defect = l1Defect(l1, index, place, g, fileSize);
    if (defect !== undefined) throw defectErrors(defect, this.name)[0];
    const table = await this.#tables.l2Table(l1.offset, signal);
    const within = (cluster % g.entries) * g.entrySize;
    const entry = decodeL2Entry(table, within, g);
    const error = entryError(this.#tables, this.name, entry, cluster, l1.offset + within);
    if (error !== undefined) throw error;
    return entry;
  }
}

function readable(extent: LayerExtent | LostExtent): LayerExtent {
  if (extent.kind === 'lost') throw extent.error;
  return extent;
}
