import type { HostTarget } from './host.ts';
import type { PartitionInfo } from './guest/inspection.ts';

/**
 * A change map: the bytes of one virtual disk and what is known about each. The engine holds the
 * ranges; views ask for tiles of any zoom level and for pages of the table, so that messages do not
 * grow with the number of ranges.
 *
 * A byte has four channels. `changed` tells when it was written, the other three what it holds;
 * `changed` may therefore overlap any of them:
 *
 * | map                      | changed                          | data, zero                        | unknown             |
 * | ------------------------ | -------------------------------- | --------------------------------- | ------------------- |
 * | the queries, kept, csv   | the ranges given                 | empty (a CSV may name some)       | all other bytes     |
 * | point, a full; image     | not known (null)                 | what the chain holds, or calls 0  | empty               |
 * | point, an increment      | what this point wrote            | what its chain holds, or calls 0  | empty               |
 * | between, of one chain    | what any point after `from` wrote| as of the later point             | empty               |
 * | between, of two chains   | hash units that are different    | as of `point`                     | empty               |
 * | chain, a frame           | what that point wrote            | as of that point                  | empty               |
 * | chain, the whole (-1)    | what the newest point wrote      | as of the newest point            | empty               |
 *
 * `data` is stored in some layer; `zero` is marked as zeros by some layer; a byte in no channel was
 * never allocated.
 */

/**
 * Identifies the content of a map. A plain value without secrets: it is kept with a view's state
 * and opens the same map again.
 */
export type MapReference =
  /** Changes of a VM's disk since a reference point, as the host reports them now. */
  | {
      readonly kind: 'query';
      readonly host: string;
      readonly vm: string;
      /**
       * Number, slot, file name, path or disk ID. A slot names the same disk even after other disks
       * were added or removed.
       */
      readonly disk: number | string;
      readonly since: string;
      readonly title: string;
    }
  /** Changes of an image file since an RCT id, as Windows' virtual disk API reports them now. */
  | {
      readonly kind: 'imageQuery';
      readonly path: string;
      readonly rctId: string;
      readonly title: string;
    }
  /** The kept ranges of an earlier query; `id` comes from MapInfo.kept. */
  | { readonly kind: 'kept'; readonly id: string; readonly title: string }
  /** A file that `refpoint changes --csv` wrote. */
  | { readonly kind: 'csv'; readonly path: string; readonly virtualSize: number | null }
  /** Ranges that a point wrote: allocated blocks of a full, changed ranges of an increment. */
  | StoredReference<'point'>
  /** A point and all points that it builds on; each point is a frame. */
  | StoredReference<'chain'>
  /**
   * Two points of one disk. If `point` builds on `from`: the ranges written between them, which is
   * the union of the later increments' ranges. Otherwise: the ranges whose hashes differ.
   */
  | (StoredReference<'between'> & { readonly from: string })
  /** A disk image file: the ranges allocated in its chain. */
  | { readonly kind: 'image'; readonly path: string };

export interface StoredReference<Kind extends string> {
  readonly kind: Kind;
  readonly store: string;
  readonly vm: string;
  readonly point: string;
  /** The number that the point recorded, or a slot, file name, path or disk id. */
  readonly disk: number | string;
}

export interface MapOpen {
  readonly reference: MapReference;
  /** Host of a query; null for all other maps. */
  readonly target: HostTarget | null;
  /** Folder in which the ranges of queries are kept. */
  readonly keepIn: string;
}

export interface MapInfo {
  readonly mapId: string;
  readonly title: string;
  /** Name of the disk: the title without the point. */
  readonly subject: string;
  /** Names of the VMs that share the disk; absent: it belongs to one VM. */
  readonly sharedBy?: readonly string[];
  readonly virtualSize: number;
  /** Byte counts of the whole (frame -1). */
  readonly bytes: MapBytes;
  /**
   * `changed` since a point, `written` between two points of one chain, `different` between two
   * points of the same disk.
   */
  readonly changeWord: 'changed' | 'written' | 'different' | 'allocated';
  readonly rangeCount: number;
  /** Points of a chain, oldest first; empty if the map shows a single moment. */
  readonly frames: readonly MapFrame[];
  /**
   * Partitions from the MBR or GPT with their file systems; null if those sectors cannot be read.
   */
  readonly partitions: readonly PartitionInfo[] | null;
  /** ID under which the ranges of a query are kept. */
  readonly kept: string | null;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/**
 * Bytes of each channel over the whole disk, for the legend of a map. Null if a channel is not
 * known.
 */
export interface MapBytes {
  readonly changed: number | null;
  readonly data: number | null;
  readonly zero: number | null;
  readonly unknown: number;
}

export interface MapFrame {
  readonly point: string;
  readonly created: string;
  readonly kind: 'full' | 'incr';
  readonly changedBytes: number;
}

/** Cells of one tile: a tile of level L covers TILE_CELLS cells of 2^L bytes; tile `index` starts at byte index·TILE_CELLS·2^L. */
export const TILE_CELLS = 4096;
/**
 * Bytes of a cell in a tile: the share of it that is changed, data, zero, unknown. 0 is nothing,
 * 255 is everything.
 */
export const CELL_CHANNELS = 4;
export const LEAST_LEVEL = 9;
export const GREATEST_LEVEL = 46;

export interface TileRequest {
  readonly mapId: string;
  /** Index into MapInfo.frames; -1 for the whole. */
  readonly frame: number;
  readonly level: number;
  readonly indexes: readonly number[];
}

export interface Tile {
  readonly index: number;
  /** Base64 of TILE_CELLS × CELL_CHANNELS bytes; '' if every cell equals `fill`. */
  readonly cells: string;
  readonly fill: readonly [number, number, number, number];
}

export interface RangeRow {
  readonly start: number;
  readonly length: number;
  /** The first state that holds, in this order. */
  readonly state: 'changed' | 'data' | 'zero';
  /** Newest point of the chain that wrote the row; null for maps without a chain. */
  readonly point: string | null;
  readonly partition: number | null;
}

export interface PageRequest {
  readonly mapId: string;
  readonly frame: number;
  readonly from: number;
  /** At most MAX_PAGE_ROWS; 0 requests only `total` and `bytes`. */
  readonly count: number;
  /** Absent: every row, in disk order. */
  readonly order?: RowOrder;
}

export const ROW_SORTS = ['start', 'length', 'state', 'partition', 'point'] as const;
export type RowSort = (typeof ROW_SORTS)[number];

/** Selection and order of the table's rows. Rows that compare equal keep their disk order. */
export interface RowOrder {
  readonly changedOnly: boolean;
  readonly sort: RowSort;
  readonly descending: boolean;
}

/** Maximum number of rows that can be sorted by anything other than their start. */
export const MAX_SORTED_ROWS = 1_000_000;

export interface SeekRequest {
  readonly mapId: string;
  readonly frame: number;
  readonly offset: number;
  readonly direction: 'next' | 'previous';
}

export const MAX_PAGE_ROWS = 1000;
/** Maximum number of tiles in one request. */
export const MAX_TILES = 256;

export interface Page {
  /**
   * Number of rows in the frame that match `order`. A row is a run of adjacent bytes in one
   * partition with equal state.
   */
  readonly total: number;
  /** Byte counts of the frame. */
  readonly bytes: MapBytes;
  readonly rows: readonly RangeRow[];
}

/**
 * Describes an offset: the range around it, and the index of the row that contains or follows it.
 * An offset between rows is `unknown` if allocation cannot be known, otherwise `unchanged` (never
 * allocated).
 */
export interface PlaceInfo {
  readonly start: number;
  readonly length: number;
  readonly state: 'changed' | 'data' | 'zero' | 'unchanged' | 'unknown';
  readonly row: number;
  readonly point: string | null;
  readonly partition: number | null;
}
