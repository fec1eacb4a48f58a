import { Bounds } from '../../base/sets/bounds.ts';
import { alignDown, alignUp, type Range } from '../../base/range.ts';
import { RangeSet } from '../../base/range-set.ts';
import type { Turns } from '../../base/time/turns.ts';

/**
 * Maximum number of ranges in memory, about 16 MiB. Beyond it, neighbours are merged, which reads
 * more of the disk.
 */
const MAX_HELD = 1_000_000;
const COARSE_UNIT = 2 ** 20;
/** Number of ranges between two looks at the clock. */
const SLICE = 4096;

/** Collects ranges in bounded memory; the event loop turns meanwhile. */
export class HeldRanges {
  /** `repeated`: bytes were added twice. `coarse`: neighbours had to be merged. */
  repeated = false;
  coarse = false;
  readonly #virtualSize: number;
  readonly #turns: Turns;
  #held = RangeSet.empty;
  /** Fresh ranges in order, as trackers name them. */
  #ordered = new Bounds();
  #lastStart = 0;
  #freshBytes = 0;
  #fresh = 0;
  /** Others. Each set is less than half as long as the one before it, so few unions are long. */
  #late: RangeSet[] = [];

  constructor(virtualSize: number, turns: Turns) {
    this.#virtualSize = virtualSize;
    this.#turns = turns;
  }

  async add(ranges: readonly Range[]): Promise<void> {
    const late: Range[] = [];
    for (const { start, end } of ranges) {
      if (start === end) continue;
      this.#freshBytes += end - start;
      if (start < this.#lastStart) late.push({ start, end });
      else {
        this.#ordered.append(start, end);
        this.#lastStart = start;
      }
    }
    this.#fresh += ranges.length;
    if (late.length > 0) await this.#addLate(RangeSet.of(late));
    if (this.#fresh >= MAX_HELD) await this.#fold();
    if (this.#turns.due) await this.#turns.take();
  }

  async finish(): Promise<RangeSet> {
    await this.#fold();
    return this.#held;
  }

  async #addLate(set: RangeSet): Promise<void> {
    let all = set;
    while ((this.#late.at(-1)?.count ?? Infinity) <= 2 * all.count) {
      all = await this.#union(this.#late.pop() as RangeSet, all);
    }
    this.#late.push(all);
  }

  async #fold(): Promise<void> {
    const bytes = this.#held.bytes + this.#freshBytes;
    let held = await this.#union(this.#held, RangeSet.ofBounds(this.#ordered));
    for (const set of this.#late) held = await this.#union(held, set);
    this.#ordered = new Bounds();
    this.#lastStart = 0;
    this.#late = [];
    this.#fresh = 0;
    this.#freshBytes = 0;
    // Merged neighbours cover bytes that were never reported, so a later range between them does
    // not prove a repetition.
    this.repeated ||= !this.coarse && bytes > held.bytes;
    for (let unit = COARSE_UNIT; held.count > MAX_HELD; unit *= 2) {
      this.coarse = true;
      held = await this.#collect(held, unit);
    }
    this.#held = held;
  }

  async #union(a: RangeSet, b: RangeSet): Promise<RangeSet> {
    return a.isEmpty || b.isEmpty ? a.union(b) : this.#collect(a.withStarts(b), 1);
  }

  /** Merges ranges that are sorted by their starts. @param unit that ranges are extended to multiples of */
  async #collect(sorted: Iterable<Range>, unit: number): Promise<RangeSet> {
    const out = new Bounds();
    let count = 0;
    for (const { start, end } of sorted) {
      out.append(alignDown(start, unit), Math.min(alignUp(end, unit), this.#virtualSize));
      if (++count % SLICE === 0 && this.#turns.due) await this.#turns.take();
    }
    return RangeSet.ofBounds(out);
  }
}
