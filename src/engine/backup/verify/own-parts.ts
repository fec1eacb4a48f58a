import type { Range } from '../../base/range.ts';
import type { ChainDisk } from '../../disk/chain/chain.ts';
import type { DataAfter } from '../../source/byte-source.ts';

/** A part of the disk that an image describes. */
export interface OwnPart extends Range {
  /** It is zeros, known without reading: whole hash units. */
  readonly zeros: boolean;
  /**
   * Offset of its data in the image's file; -1 if it has no data there, or must be read through the
   * chain.
   */
  readonly offset: number;
}

/**
 * Yields the parts of the disk that the first image of a chain stores or declares zero; parts that
 * a full does not store are zero anyway. Whole units of stored data in a hole of the file are known
 * to be zeros: a full of scattered data has more of them than data. Each such part has at least two
 * units.
 * @param dataAfter of the image's file
 * @param unit bytes of a hash unit
 */
export async function* ownParts(
  { layers, size }: ChainDisk,
  full: boolean,
  dataAfter: DataAfter | undefined,
  unit: number,
  signal: AbortSignal,
): AsyncGenerator<OwnPart> {
  const [own] = layers;
  if (own === undefined || size === 0) return;
  for await (const batch of own.extentsIn([{ start: 0, end: size }], signal)) {
    for (const { start, end, kind, offset } of batch) {
      if (kind === 'zero' && !full) yield* zeroPart({ start, end }, unit, size);
      if (kind !== 'data') continue;
      // For a single unit, the look-up costs as much as reading it.
      if (dataAfter === undefined || end - start <= unit) {
        yield { start, end, zeros: false, offset };
      } else yield* splitAtHoles({ start, end }, offset, dataAfter, unit, size);
    }
  }
}

/** Splits a range at the holes of the file. `offset`: start of the range in the file. */
function* splitAtHoles(
  { start, end }: Range,
  offset: number,
  dataAfter: DataAfter,
  unit: number,
  size: number,
): Generator<OwnPart> {
  for (let at = start; at < end;) {
    const data = dataAfter(offset + at - start);
    const dataStart =
      data === undefined ? end : Math.min(end, Math.max(at, start + data.start - offset));
    if (dataStart > at) yield* zeroPart({ start: at, end: dataStart }, unit, size);
    const dataEnd =
      data === undefined ? end : Math.min(end, Math.max(dataStart, start + data.end - offset));
    if (dataEnd > dataStart) {
      const at = offset + dataStart - start;
      yield { start: dataStart, end: dataEnd, zeros: false, offset: at };
    }
    // The file was truncated meanwhile; reading it reports the error.
    if (dataEnd <= at) {
      yield { start: at, end, zeros: false, offset: -1 };
      return;
    }
    at = dataEnd;
  }
}

/**
 * Yields the whole units of a range of zeros, and the rest before and after them, which has to be
 * read with its neighbours.
 */
function* zeroPart({ start, end }: Range, unit: number, size: number): Generator<OwnPart> {
  const from = Math.ceil(start / unit) * unit;
  const to = end === size ? end : Math.floor(end / unit) * unit;
  if (from >= to) {
    yield { start, end, zeros: false, offset: -1 };
    return;
  }
  if (from > start) yield { start, end: from, zeros: false, offset: -1 };
  yield { start: from, end: to, zeros: true, offset: -1 };
  if (end > to) yield { start: to, end, zeros: false, offset: -1 };
}

/** Maximum number of remembered parts. */
const MAX_PLACES = 65_536;

/**
 * File offsets of recently seen parts of an image: ranges inside them can be read without a
 * look-up.
 */
export class Places {
  #parts: OwnPart[] = [];

  /** Adds a part. Parts come in order. */
  add(part: OwnPart): void {
    if (part.offset < 0) return;
    if (this.#parts.length === MAX_PLACES) this.#parts = this.#parts.slice(MAX_PLACES / 2);
    this.#parts.push(part);
  }

  /** Returns the file offset of a range inside one part; undefined if it is not remembered. */
  find({ start, end }: Range): number | undefined {
    const part = this.#lastFrom(start);
    return part !== undefined && end <= part.end ? part.offset + start - part.start : undefined;
  }

  /** Returns the last part that begins at an offset or before it. */
  #lastFrom(offset: number): OwnPart | undefined {
    let [low, high] = [0, this.#parts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#parts[middle] as OwnPart).start <= offset) low = middle + 1;
      else high = middle;
    }
    return this.#parts[low - 1];
  }
}
