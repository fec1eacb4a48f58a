/** The virtual disk behind an image that is open in the anatomy editor: damage, sectors, search, differences. */

/** A finding of `disk check` about an image or one of its parents. */
export interface ImageFinding {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  /** The file that it is about. */
  readonly path: string;
  /** Offset in that file. */
  readonly offset: number | null;
  /** Document and section of the rule. */
  readonly section: string | null;
  /** Action that one can take. */
  readonly fix: string | null;
}

/** A part of the virtual disk that cannot be read. */
export interface LostRange {
  readonly start: number;
  readonly length: number;
  /** Code of the error that reading it throws. */
  readonly code: string;
}

export interface ImageSurveyInfo {
  readonly findings: readonly ImageFinding[];
  /** At most 1000, in order. */
  readonly lost: readonly LostRange[];
  /** Total bytes of all lost ranges. */
  readonly lostBytes: number;
  /** Null if damage hides it. */
  readonly virtualSize: number | null;
  /** 512 if the format does not store it. */
  readonly sectorSize: number;
  /** Paths of the layers, the child first. */
  readonly layers: readonly string[];
  /** The fixes that may help, by their codes. */
  readonly fixes: readonly ImageFix[];
}

/**
 * `rebase`: name another file as the parent. `repair`: restore what the rest of the image proves.
 * `rescue`: copy what can still be read.
 */
export type ImageFix = 'rebase' | 'repair' | 'rescue';

export interface RebasedImage {
  /** The new parent has the recorded identity, or the same contents as far as they show through. */
  readonly proof: 'identity' | 'contents';
}

export interface SectorsRequest {
  readonly anatomyId: string;
  /** Offset in the virtual disk. */
  readonly offset: number;
  /** At most 65536. */
  readonly length: number;
}

export interface SectorsAnswer {
  readonly offset: number;
  /** Base64; shorter at the end of the disk. Lost bytes are zero. */
  readonly bytes: string;
  /** Cover the bytes in order, without gaps. */
  readonly pieces: readonly SectorPiece[];
}

/** The origin of a part of the virtual disk. */
export interface SectorPiece {
  readonly start: number;
  readonly length: number;
  /** `zero`: a layer marks it as zeros. `hole`: no layer holds it, so it reads as zeros. */
  readonly kind: 'data' | 'zero' | 'hole' | 'lost';
  /** Index into `layers`; null for lost parts. */
  readonly layer: number | null;
  /** Offset of the data in the layer's file; null without data, and for compressed data. */
  readonly fileOffset: number | null;
  /** Code of the error behind a lost part. */
  readonly code: string | null;
}

export interface SearchRequest {
  readonly anatomyId: string;
  /** The bytes of the file, or of the virtual disk. */
  readonly space: 'file' | 'disk';
  /** Base64: one to four byte strings of 1 to 256 bytes; the first match of any of them counts. */
  readonly patterns: readonly string[];
  /** The match begins at or behind this offset. */
  readonly from: number;
}

export interface SearchAnswer {
  /** Null: not found up to `end`. */
  readonly match: { readonly offset: number; readonly length: number } | null;
  /** End of the searched part. A search ends after 64 GiB of data; the next one continues here. */
  readonly end: number;
  /** Bytes of the virtual disk that were not searched because they are lost. */
  readonly lostBytes: number;
}

export interface DifferencesRequest {
  readonly anatomyId: string;
  /** The other image, which is open too. */
  readonly otherId: string;
  /** Ranges that end at or before this offset are omitted. */
  readonly from: number;
  /** At most 1000. */
  readonly count: number;
}

/**
 * Ranges in which two virtual disks differ. Differing bytes with fewer than 16 equal bytes between
 * them are one range. Parts that cannot be read, and those behind the end of the smaller disk, count
 * as zeros.
 */
export interface DifferencesAnswer {
  readonly ranges: readonly { readonly start: number; readonly length: number }[];
  /** Offset from which the next request continues; null if both disks were compared to the end. */
  readonly next: number | null;
}
