import { alignDown } from '../../../base/range.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import type { LoadBudget } from '../../../source/load-budget.ts';
import { SharedLoads } from '../../../source/shared-loads.ts';
import { decodeL1Entry, type L1Entry } from '../structures/l1-table.ts';
import { L1_ENTRY, l1EntriesNeeded, type Geometry } from '../structures/layout.ts';

/** Page size of the cache of the L1 table, in bytes. */
const L1_PAGE = 64 * 1024;
/** Most bytes of L2 tables that a scan reads ahead. */
const AHEAD_BYTES = 2 * 2 ** 20;
const MAX_AHEAD = 16;

/**
 * Reads the L1 table and the L2 tables of an image, both through a cache: the tables of a large
 * disk are never in memory as a whole.
 */
export class TableReader {
  readonly geometry: Geometry;
  readonly fileSize: number;
  /** Number of L2 tables that a scan reads ahead. */
  readonly ahead: number;
  readonly #source: ByteSource;
  readonly #l1Offset: number;
  readonly #l1Count: number;
  readonly #l1: SharedLoads;
  readonly #l2: SharedLoads;

  constructor(source: ByteSource, g: Geometry, l1Offset: number, budget: LoadBudget) {
    this.geometry = g;
    this.fileSize = source.size;
    this.#source = source;
    this.#l1Offset = l1Offset;
    this.#l1Count = l1EntriesNeeded(g);
    this.#l1 = new SharedLoads(budget, L1_PAGE);
    this.#l2 = new SharedLoads(budget, g.clusterSize);
    this.ahead = Math.min(MAX_AHEAD, Math.max(1, AHEAD_BYTES / g.clusterSize));
  }

  /** Returns the file offset of an L1 entry. */
  l1EntryOffset(index: number): number {
    return this.#l1Offset + index * L1_ENTRY;
  }

  /** Returns the page of the L1 table that holds entry `index`, for {@link l1EntryIn}. */
  async l1Page(index: number, signal: AbortSignal): Promise<DataView> {
    const number = Math.floor((index * L1_ENTRY) / L1_PAGE);
    const start = number * L1_PAGE;
    const load = async (): Promise<Uint8Array> => {
      const bytes = new Uint8Array(Math.min(L1_PAGE, this.#l1Count * L1_ENTRY - start));
      await this.#source.read(this.#l1Offset + start, bytes, signal);
      return bytes;
    };
    return viewOf(await this.#l1.get(number, load, signal));
  }

  /** Returns the L2 table at a file offset, which was checked to lie inside the file. */
  async l2Table(offset: number, signal: AbortSignal): Promise<DataView> {
    const { clusterSize } = this.geometry;
    const load = async (): Promise<Uint8Array> => {
      const bytes = new Uint8Array(clusterSize);
      await this.#source.read(offset, bytes, signal);
      return bytes;
    };
    return viewOf(await this.#l2.get(offset / clusterSize, load, signal));
  }
}

/** Number of L1 entries in a page. */
export const L1_PAGE_ENTRIES = L1_PAGE / L1_ENTRY;

/** Decodes entry `index` from its page. */
export const l1EntryIn = (page: DataView, index: number): L1Entry =>
  decodeL1Entry(page, index - alignDown(index, L1_PAGE_ENTRIES));

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
