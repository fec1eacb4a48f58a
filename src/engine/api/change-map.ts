import type { HostTarget } from './host.ts';

/**
 * A change map: the bytes of one virtual disk and what is known about each. The engine holds the ranges; views ask for tiles of
 * any zoom level and for pages of the table, so that nothing that grows with the ranges crosses a border.
 *
 * What is known of a byte are four channels. `changed` says when, the others say what, so it may lie over any of them:
 *
 * | map                      | changed                          | data, zero                        | unknown             |
 * | ------------------------ | -------------------------------- | --------------------------------- | ------------------- |
 * | query, kept, csv         | the ranges given                 | none (a CSV may name some)        | all other bytes     |
 * | point, a full; image     | not told apart (null)            | what the chain holds, or calls 0  | none                |
 * | point, an increment      | what this point wrote            | what its chain holds, or calls 0  | none                |
 * | between, of one chain    | what any point after `from` wrote| as of the later point             | none                |
 * | between, of two chains   | hash units that are different    | as of `point`                     | none                |
 * | chain, a frame           | what that point wrote            | as of that point                  | none                |
 * | chain, the whole (-1)    | what the newest point wrote      | as of the newest point            | none                |
 *
 * `data` is stored in some layer, `zero` is said to be zeros by one; a byte in no channel was never allocated.
 */

/** What a map shows. Plain: it is kept with a view's state and opens the same map again. No secret in it. */
export type MapReference =
  /** Changes of a VM's disk since a reference point, asked of the host now. */
  | {
      readonly kind: 'query';
      readonly host: string;
      readonly vm: string;
      /** Number, slot, file name, path or disk id. A slot still means the same disk after others came and went. */
      readonly disk: number | string;
      readonly since: string;
      readonly title: string;
    }
  /** The kept ranges of an earlier query: an id that MapInfo.kept gave. */
  | { readonly kind: 'kept'; readonly id: string; readonly title: string }
  /** A file that `refpoint changes --csv` wrote. */
  | { readonly kind: 'csv'; readonly path: string; readonly virtualSize: number | null }
  /** What a point wrote: allocated blocks of a full, changed ranges of an increment. */
  | StoredReference<'point'>
  /** A point and all that it builds on; each point is a frame. */
  | StoredReference<'chain'>
  /**
   * Two points of one disk. If `point` builds on `from`: what was written between them, the union of the later increments'
   * ranges. Else what is different, by their hash trees.
   */
  | (StoredReference<'between'> & { readonly from: string })
  /** A disk image file: what is allocated in its chain. */
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
  /** Of a query. */
  readonly target: HostTarget | null;
  /** Folder in which the ranges of queries are kept. */
  readonly keepIn: string;
}

export interface MapInfo {
  readonly mapId: string;
  readonly title: string;
  /** The disk alone: the title without the point. */
  readonly subject: string;
  readonly virtualSize: number;
  /** Of the whole (frame -1). */
  readonly bytes: MapBytes;
  /** `changed` since a point, `written` between two of one chain, or `different` between two of the same disk. */
  readonly changeWord: 'changed' | 'written' | 'different' | 'allocated';
  readonly rangeCount: number;
  /** Points of a chain in time, the oldest first; empty where there is one moment only. */
  readonly frames: readonly MapFrame[];
  /** MBR or GPT; null where the sectors cannot be read. */
  readonly partitions: readonly PartitionInfo[] | null;
  /** The id under which the ranges of a query are kept. */
  readonly kept: string | null;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/** What one can tell apart in a map, for its legend: bytes of each channel over the whole disk. Null: not known here. */
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

export interface PartitionInfo {
  readonly number: number;
  readonly start: number;
  readonly length: number;
  /** For people: `EFI System`, `Linux filesystem`, `NTFS/exFAT (07)`. */
  readonly type: string;
  readonly name: string | null;
}

/** Cells of one tile: a tile of level L covers TILE_CELLS cells of 2^L bytes; tile `index` starts at byte index·TILE_CELLS·2^L. */
export const TILE_CELLS = 4096;
/** Bytes of a cell in a tile: how much of it (0 none, 255 all, else something between) is changed, data, zero, unknown. */
export const CELL_CHANNELS = 4;
export const LEAST_LEVEL = 9;
export const GREATEST_LEVEL = 46;

export interface TileRequest {
  readonly mapId: string;
  /** Index into MapInfo.frames, or -1 for the whole. */
  readonly frame: number;
  readonly level: number;
  readonly indexes: readonly number[];
}

export interface Tile {
  readonly index: number;
  /** Base64 of TILE_CELLS × CELL_CHANNELS bytes; '' where all of them are equal to `fill`. */
  readonly cells: string;
  readonly fill: readonly [number, number, number, number];
}

export interface RangeRow {
  readonly start: number;
  readonly length: number;
  /** The first that holds. */
  readonly state: 'changed' | 'data' | 'zero';
  /** The newest point that wrote it, of a chain. */
  readonly point: string | null;
  readonly partition: number | null;
}

export interface PageRequest {
  readonly mapId: string;
  readonly frame: number;
  readonly from: number;
  /** At most MAX_PAGE_ROWS; 0 asks for `total` and `bytes` alone. */
  readonly count: number;
  /** Absent: every row, in the order of the disk. */
  readonly order?: RowOrder;
}

export const ROW_SORTS = ['start', 'length', 'state', 'partition', 'point'] as const;
export type RowSort = (typeof ROW_SORTS)[number];

/** Which rows of the table, in which order; rows that are equal stay in the order of the disk. */
export interface RowOrder {
  readonly changedOnly: boolean;
  readonly sort: RowSort;
  readonly descending: boolean;
}

/** Most rows that are sorted by anything but their start. */
export const MAX_SORTED_ROWS = 1_000_000;

export interface SeekRequest {
  readonly mapId: string;
  readonly frame: number;
  readonly offset: number;
  readonly direction: 'next' | 'previous';
}

export const MAX_PAGE_ROWS = 1000;
/** Tiles of one request. */
export const MAX_TILES = 256;

export interface Page {
  /** Rows of the frame, those of the order: adjacent bytes of one partition that the same is known of. */
  readonly total: number;
  /** Of the frame. */
  readonly bytes: MapBytes;
  readonly rows: readonly RangeRow[];
}

/**
 * What lies at an offset: the range around it, and the row of the table that it is or that follows it. Between rows it is
 * `unknown` where allocation cannot be known, `unchanged` (never allocated) where it can.
 */
export interface PlaceInfo {
  readonly start: number;
  readonly length: number;
  readonly state: 'changed' | 'data' | 'zero' | 'unchanged' | 'unknown';
  readonly row: number;
  readonly point: string | null;
  readonly partition: number | null;
}
