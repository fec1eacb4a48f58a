import type { Range } from '../../base/range.ts';
import type { ChainDisk } from '../../disk/chain/chain.ts';
import type { DataAfter } from '../../source/byte-source.ts';

/** A part of the disk that an image says something about. */
export interface OwnPart extends Range {
  /** It is zeros, which is known without reading it: whole hash units. */
  readonly zeros: boolean;
  /** Where its data lies in the image's file; -1 if it has none, or must be read as the chain is. */
  readonly offset: number;
}

/**
 * Parts of the disk that the first image of a chain itself stores or declares zero; what a full does not store is zero anyway. Whole
 * units of stored data that lie in a hole of the file are known to be zeros: a full of scattered data has more of them than data. No
 * such part is shorter than two units.
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
  if (own === undefined) return;
  for await (const batch of own.layerExtents({ start: 0, end: size }, signal)) {
    for (const { start, end, kind, offset } of batch) {
      if (kind === 'zero' && !full) yield* zeroPart({ start, end }, unit, size);
      if (kind !== 'data') continue;
      // To ask about one unit costs as much as to read it.
      if (dataAfter === undefined || end - start <= unit) {
        yield { start, end, zeros: false, offset };
      } else yield* splitAtHoles({ start, end }, offset, dataAfter, unit, size);
    }
  }
}

/** `offset`: where the range begins in the file. */
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
    // A file that is cut off meanwhile: reading it tells.
    if (dataEnd <= at) {
      yield { start: at, end, zeros: false, offset: -1 };
      return;
    }
    at = dataEnd;
  }
}

/** The whole units of a range of zeros, and what lies before and behind them, which has to be read with its neighbours. */
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

/** Most parts that are remembered. */
const MAX_PLACES = 65_536;

/** Where the parts of an image that were met lately lie in its file: what lies in one of them is read there, without a look-up. */
export class Places {
  #parts: OwnPart[] = [];

  /** Parts come in order. */
  add(part: OwnPart): void {
    if (part.offset < 0) return;
    if (this.#parts.length === MAX_PLACES) this.#parts = this.#parts.slice(MAX_PLACES / 2);
    this.#parts.push(part);
  }

  /** The file offset of a range that lies in one part; undefined if it does not, or is not remembered. */
  find({ start, end }: Range): number | undefined {
    let [low, high] = [0, this.#parts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#parts[middle] as OwnPart).start <= start) low = middle + 1;
      else high = middle;
    }
    const part = this.#parts[low - 1];
    return part !== undefined && end <= part.end ? part.offset + start - part.start : undefined;
  }
}
