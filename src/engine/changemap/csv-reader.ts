import { mapError } from './map-errors.ts';
import type { Segments } from './segments.ts';
import { CHANGED, DATA, tagOf, ZERO } from './segments.ts';
import { SegmentsBuilder } from './segments-builder.ts';

/** Maximum length of a line, in characters; longer lines are invalid. */
const MAX_LINE = 4096;
/** The size of a disk of unknown size is rounded up to a multiple of this. */
const SIZE_UNIT = 2 ** 20;
const STATES: Readonly<Record<string, number>> = { changed: CHANGED, data: DATA, zero: ZERO };

const [LF, CR, COMMA, ZERO_DIGIT] = [10, 13, 44, 48];

/**
 * Reads ranges from CSV as `refpoint changes --csv` and a map's own export write them: a header
 * that begins with `start,length`, optionally `state`, then a line per range. Bytes are pushed as
 * they are read from the file; only the ranges are kept. Throws `map.csv.syntax` with line number
 * and reason.
 */
export class CsvReader {
  readonly #ranges = new SegmentsBuilder();
  readonly #name: string;
  readonly #size: number | undefined;
  #line = 1;
  #rest: Uint8Array = new Uint8Array(0);
  #stateColumn = false;

  /** @param size of the disk; undefined derives it from the ranges. */
  constructor(name: string, size: number | undefined) {
    this.#name = name;
    this.#size = size;
  }

  push(bytes: Uint8Array): void {
    const text = this.#rest.length === 0 ? bytes : joined(this.#rest, bytes);
    let start = 0;
    for (let end = text.indexOf(LF); end >= 0; end = text.indexOf(LF, start)) {
      this.#take(text, start, end);
      start = end + 1;
    }
    if (text.length - start > MAX_LINE) throw this.#wrong(`is longer than ${MAX_LINE} bytes`);
    this.#rest = new Uint8Array(text.subarray(start));
  }

  /** Accepts a last line without a line end. The rest of the disk is unknown. */
  end(): { readonly segments: Segments; readonly untidy: boolean } {
    this.#take(this.#rest, 0, this.#rest.length);
    if (this.#line <= 2 && this.#ranges.count === 0 && !this.#sawHeader) {
      throw this.#wrong('is missing: the file is empty');
    }
    const found = this.#ranges.end;
    const size = this.#size ?? Math.max(SIZE_UNIT, Math.ceil(found / SIZE_UNIT) * SIZE_UNIT);
    return { segments: this.#ranges.build(size, true), untidy: this.#ranges.wasUntidy };
  }

  #sawHeader = false;

  #take(text: Uint8Array, start: number, lineEnd: number): void {
    const end = lineEnd > start && text[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    if (end - start > MAX_LINE) throw this.#wrong(`is longer than ${MAX_LINE} bytes`);
    if (!this.#sawHeader) this.#header(decode(text.subarray(start, end)));
    else if (end > start) this.#range(text, start, end);
    this.#line++;
  }

  #header(line: string): void {
    const columns = line
      .replace(/^\u{feff}/u, '')
      .split(',')
      .map(unquoted);
    if (columns[0] !== 'start' || columns[1] !== 'length') {
      throw this.#wrong(`begins with “${line.slice(0, 40)}”; expected “start,length”`);
    }
    this.#stateColumn = columns[2] === 'state';
    this.#sawHeader = true;
  }

  #range(text: Uint8Array, from: number, end: number): void {
    // A fast path parsed by hand, since files have up to ten million lines.
    const first = number(text, from, end);
    const second = first === undefined ? undefined : number(text, first.next + 1, end);
    const plain =
      second !== undefined &&
      text[first?.next ?? end] === COMMA &&
      (second.next === end || text[second.next] === COMMA);
    let start = first?.value ?? 0;
    let length = second?.value ?? 0;
    let tag = CHANGED;
    if (!plain || this.#stateColumn) {
      const fields = decode(text.subarray(from, end)).split(',').map(unquoted);
      start = this.#integer(fields[0], 'start');
      length = this.#integer(fields[1], 'length');
      if (this.#stateColumn) tag = this.#state(fields[2]);
    }
    this.#add(start, length, tag);
  }

  #add(start: number, length: number, tag: number): void {
    const end = start + length;
    if (length === 0) throw this.#wrong('holds an empty range');
    if (!Number.isSafeInteger(end))
      throw this.#wrong(`ends at ${end}, past the maximum size of a disk`);
    if (this.#size !== undefined && end > this.#size) {
      throw this.#wrong(`ends at ${end}, past the disk's ${this.#size} bytes`);
    }
    this.#ranges.add(start, end, tagOf(tag));
  }

  #integer(text: string | undefined, field: string): number {
    const value = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value)) return value;
    throw this.#wrong(`has “${(text ?? '').slice(0, 40)}” as ${field}; expected a number`);
  }

  #state(text: string | undefined): number {
    const state = Object.hasOwn(STATES, text ?? '') ? STATES[text ?? ''] : undefined;
    if (state !== undefined) return state;
    throw this.#wrong(
      `has “${(text ?? '').slice(0, 40)}” as state; expected changed, data or zero`,
    );
  }

  #wrong(what: string): Error {
    return mapError('map.csv.syntax', `Line ${this.#line} of ${this.#name} ${what}`, {
      data: { path: this.#name, line: this.#line },
    });
  }
}

/** Parses digits from `at`, at most 15 so that the sum is exact. */
function number(
  text: Uint8Array,
  at: number,
  end: number,
): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  let i = at;
  for (; i < end; i++) {
    const digit = (text[i] as number) - ZERO_DIGIT;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return i === at || i - at > 15 ? undefined : { value, next: i };
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const unquoted = (field: string): string => /^\s*"?([^"]*?)"?\s*$/.exec(field)?.[1] ?? field;

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
