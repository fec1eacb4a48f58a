/** Disk anatomy: the structures and fields of a disk image file, byte for byte. */

export interface AnatomyInfo {
  readonly anatomyId: string;
  readonly path: string;
  readonly format: 'vhdx' | 'vhd' | 'vhds' | 'qcow2' | 'raw';
  readonly subformat: 'fixed' | 'dynamic' | 'differencing' | null;
  readonly fileSize: number;
  readonly virtualSize: number | null;
  readonly blockSize: number | null;
  /** Regions of the file, ordered by offset, at most 4096 (payload regions are merged). */
  readonly regions: readonly FileRegion[];
  readonly tree: readonly AnatomyNode[];
  readonly blocks: {
    readonly total: number;
    readonly counts: Readonly<Record<BlockStateName, number>>;
  } | null;
  readonly parents: readonly ParentCandidate[];
  readonly findings: readonly AnatomyFinding[];
}

export type RegionKind =
  | 'identifier'
  | 'header'
  | 'regionTable'
  | 'log'
  | 'bat'
  | 'metadata'
  | 'payload'
  | 'bitmap'
  | 'footer'
  | 'unused'
  | 'unknown';

export interface FileRegion {
  readonly kind: RegionKind;
  readonly label: string;
  readonly start: number;
  readonly length: number;
}

/** A decoded structure or field. */
export interface AnatomyNode {
  readonly label: string;
  /** Display text; '' for a group. */
  readonly value: string;
  readonly offset: number | null;
  readonly length: number | null;
  /** `bad`: violates a checksum or a rule. `old`: a valid copy that is not the current one. */
  readonly state: 'ok' | 'bad' | 'old' | 'none';
  /** Meaning of the field and the section that specifies it. */
  readonly help: string;
  readonly children: readonly AnatomyNode[];
}

/** `bad`: the entry breaks a rule, or the table ends before it. */
export const BLOCK_STATES = [
  'present',
  'partial',
  'zero',
  'notPresent',
  'unmapped',
  'undefined',
  'bad',
] as const;
export type BlockStateName = (typeof BLOCK_STATES)[number];

export interface ParentCandidate {
  readonly key: 'relative_path' | 'absolute_win32_path' | 'volume_path';
  readonly text: string;
  /**
   * `beside`: inside the file's own folder. `store`: the file is an image of a point in a store,
   * and the parent is the image of another point of the same VM. Both are followed. `elsewhere` and
   * `remote` are opened only if the user names them.
   */
  readonly place: 'beside' | 'store' | 'elsewhere' | 'remote';
  /** The file that was found; null for `elsewhere` and `remote`, which are not searched. */
  readonly found: string | null;
}

export interface AnatomyFinding {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly offset: number | null;
}

/**
 * Requests tiles of the payload blocks [from, from + count·perCell), one byte per cell: an index
 * into BLOCK_STATES. A cell is `bad` if any of its blocks is, else it has the state of most of its
 * blocks. Cells behind the last block are omitted.
 */
export interface BlockTileRequest {
  readonly anatomyId: string;
  readonly from: number;
  readonly perCell: number;
  /** At most 16384. */
  readonly count: number;
}

export interface BlockTile {
  /** Base64. */
  readonly states: string;
  /**
   * Base64: the share of each cell's blocks whose data are in the file, from 0 (none) to 255 (all).
   */
  readonly held: string;
}

export interface BlockRequest {
  readonly anatomyId: string;
  readonly block: number;
}

/** The places of a block in the file, in bytes. */
export interface BlockPlace {
  /** Its entry in the table; null if the table ends before it. */
  readonly entry: { readonly offset: number; readonly length: number } | null;
  /** Its data; null if the file does not hold them. */
  readonly data: { readonly offset: number; readonly length: number } | null;
}

export interface BytesRequest {
  readonly anatomyId: string;
  readonly offset: number;
  /** At most 65536. */
  readonly length: number;
}

export interface BytesAnswer {
  readonly offset: number;
  /** Base64; shorter at the end of the file. */
  readonly bytes: string;
}
