import { mapError } from './map-errors.ts';
import { CHANGED, tagOf, type Segments } from './segments.ts';
import { MAX_SEGMENTS, SegmentsBuilder } from './segments-builder.ts';

/**
 * Ranges in compact form: for each, the gap before it and its length, in units of the greatest
 * power of two that divides all of them, as little-endian base-128 numbers. A million ranges of a
 * tracker take about 4 MB.
 */
export interface PackedRanges {
  readonly unit: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** 2^53 needs eight groups of seven bits. */
const MAX_NUMBER_BYTES = 8;

export function packRanges({ starts, ends, count }: Segments): PackedRanges {
  const unit = commonUnit(starts, ends, count);
  let bytes = new Uint8Array(1024);
  let at = 0;
  let last = 0;
  const put = (value: number): void => {
    let rest = value;
    while (rest >= 128) {
      bytes[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    bytes[at++] = rest;
  };
  for (let i = 0; i < count; i++) {
    if (at + 2 * MAX_NUMBER_BYTES > bytes.length) {
      const grown = new Uint8Array(bytes.length * 2);
      grown.set(bytes);
      bytes = grown;
    }
    const [start, end] = [starts[i] as number, ends[i] as number];
    put((start - last) / unit);
    put((end - start) / unit);
    last = end;
  }
  return { unit, count, bytes: bytes.subarray(0, at) };
}

/**
 * Decodes packed ranges as changed ranges of a disk; all other bytes are unknown. Throws
 * `map.kept.damaged`.
 */
export function unpackRanges({ unit, count, bytes }: PackedRanges, size: number): Segments {
  const builder = new SegmentsBuilder();
  if (count > MAX_SEGMENTS || count * 2 > bytes.length) throw damaged('too many ranges');
  const reader = new NumberReader(bytes);
  let end = 0;
  for (let i = 0; i < count; i++) {
    const start = end + reader.next() * unit;
    end = start + reader.next() * unit;
    if (!(start < end && end <= size)) throw damaged(`range ${i} is not on the disk`);
    builder.add(start, end, tagOf(CHANGED));
  }
  if (!reader.done) throw damaged('bytes after the last range');
  return builder.build(size, true);
}

class NumberReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  next(): number {
    let value = 0;
    for (let i = 0, weight = 1; i < MAX_NUMBER_BYTES; i++, weight *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw damaged('it ends within a range');
      value += (byte & 127) * weight;
      if (byte < 128) return value;
    }
    throw damaged('a number is too long');
  }
}

const damaged = (what: string): Error =>
  mapError('map.kept.damaged', `The kept ranges are damaged: ${what}`);

/** Returns the greatest power of two, at most 1 MiB, that divides every border. */
function commonUnit(starts: Float64Array, ends: Float64Array, count: number): number {
  let unit = 2 ** 20;
  for (let i = 0; i < count && unit > 1; i++) {
    while ((starts[i] as number) % unit !== 0 || (ends[i] as number) % unit !== 0) unit /= 2;
  }
  return unit;
}
