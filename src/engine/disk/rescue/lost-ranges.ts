import type { ErrorCode } from '../../api/codes.ts';

/** A part of a disk that could not be read and became zeros in the copy. Bytes of the disk. */
export interface LostRange {
  readonly start: number;
  readonly length: number;
  /** Code of the error that reading it threw. */
  readonly code: ErrorCode;
}

/** Number of ranges after which neighbours are merged. */
const MERGE_AT = 65_536;
/** Maximum number of listed ranges; the bytes of all are counted. */
const MAX_LISTED = 1_000_000;

/** Collects lost ranges, which come in any order and do not overlap. */
export class LostRanges {
  #list: LostRange[] = [];
  #mergeAt = MERGE_AT;
  /** Total of all ranges. */
  bytes = 0;

  add(start: number, length: number, code: ErrorCode): void {
    this.bytes += length;
    if (this.#list.length >= MAX_LISTED) return;
    this.#list.push({ start, length, code });
    if (this.#list.length < this.#mergeAt) return;
    this.#list = merged(this.#list);
    this.#mergeAt = Math.max(MERGE_AT, this.#list.length * 2);
  }

  /** The ranges in order; adjacent ones with the same code are merged. */
  get list(): readonly LostRange[] {
    return merged(this.#list);
  }
}

function merged(ranges: readonly LostRange[]): LostRange[] {
  const out: LostRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = out.at(-1);
    if (last?.code === range.code && last.start + last.length === range.start) {
      out[out.length - 1] = { ...last, length: last.length + range.length };
    } else out.push(range);
  }
  return out;
}
