import fs from 'node:fs/promises';
import path from 'node:path';
import type { Guid } from '../../base/guid.ts';
import { fromStartLength, toStartLength, type Range, type StartLength } from '../../base/range.ts';
import { RangeSet } from '../../base/range-set.ts';
import { replaceFile } from '../../source/files/atomic-file.ts';
import { fileError } from '../../source/platform/file-errors.ts';
import { ensureFolder } from '../../source/folders/folder.ts';
import { readLabFile, type JsonShape } from '../state/json-file.ts';
import { ChangeBitmap } from './change-bitmap.ts';

/**
 * Bytes of one unit of the coarse map that survives a crash. Coarser than the fine units, as with
 * Hyper-V's `.mrt`, so after a crash the tracker reports more than was written, never less.
 */
const COARSE_UNIT = 2 ** 24;

interface TrackerFile {
  readonly version: 1;
  /** Number of the open generation. */
  readonly generation: number;
  readonly generations: readonly {
    readonly number: number;
    readonly ranges: readonly StartLength[];
  }[];
}

const RANGES: JsonShape = { listOf: { fields: { start: 'number', length: 'number' } } };
const FINE: JsonShape = {
  fields: {
    generation: 'number',
    generations: { listOf: { fields: { number: 'number', ranges: RANGES } } },
  },
};

/**
 * Change tracking of one disk: a set of written ranges for each generation. Sealed generations are
 * written to disk at once; the open one is kept in memory and written when the lab stops cleanly. A
 * coarse map is written before each write, so that a crash loses no change.
 */
export class DiskTracker {
  readonly trackingId: Guid;
  readonly #unit: number;
  readonly #fineFile: string;
  readonly #coarseFile: string;
  readonly #sealed = new Map<number, RangeSet>();
  readonly #coarse = new Set<number>();
  #open: ChangeBitmap;
  #generation = 0;
  /** The last answer, until something is written: a long answer is read in many calls. */
  #answered: { since: number; until: number | undefined; changed: RangeSet } | undefined;

  private constructor(folder: string, trackingId: Guid, unit: number) {
    this.trackingId = trackingId;
    this.#unit = unit;
    this.#open = new ChangeBitmap(unit);
    this.#fineFile = path.join(folder, `${trackingId}.rct.json`);
    this.#coarseFile = path.join(folder, `${trackingId}.mrt`);
  }

  /** Loads the tracking of an earlier run; `unit` is the granularity in bytes. */
  static async open(folder: string, trackingId: Guid, unit: number): Promise<DiskTracker> {
    await ensureFolder(folder);
    const tracker = new DiskTracker(folder, trackingId, unit);
    const file = (await readLabFile(tracker.#fineFile, FINE)) as TrackerFile | undefined;
    if (file !== undefined) {
      tracker.#generation = file.generation;
      for (const each of file.generations) {
        const ranges = RangeSet.of(each.ranges.map(fromStartLength));
        if (each.number === file.generation) for (const r of ranges) tracker.#open.mark(r);
        else tracker.#sealed.set(each.number, ranges);
      }
    }
    // Entries in the coarse map are newer than the fine map: the lab did not stop cleanly.
    for (const line of ((await readOptional(tracker.#coarseFile)) ?? '').split('\n')) {
      if (!/^\d+$/.test(line)) continue;
      const start = Number(line) * COARSE_UNIT;
      tracker.#coarse.add(Number(line));
      tracker.#open.mark({ start, end: start + COARSE_UNIT });
    }
    return tracker;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Marks a write. The caller must await it before it acknowledges the write. */
  mark(written: Range): Promise<void> {
    return this.markAll([written]);
  }

  /** Marks several writes, with one flush of the coarse map for all of them. */
  async markAll(written: readonly Range[]): Promise<void> {
    const fresh = new Set<number>();
    for (const { start, end } of written) {
      const last = Math.ceil(end / COARSE_UNIT);
      for (let unit = Math.floor(start / COARSE_UNIT); unit < last; unit++) {
        if (!this.#coarse.has(unit)) fresh.add(unit);
      }
    }
    if (fresh.size > 0) {
      const lines = Array.from(fresh, (unit) => `${unit}\n`).join('');
      await fs.appendFile(this.#coarseFile, lines, { flush: true });
      for (const unit of fresh) this.#coarse.add(unit);
    }
    this.#answered = undefined;
    for (const each of written) this.#open.mark(each);
  }

  /**
   * Closes the open generation and returns its number, which names the current state. Later writes
   * belong to the next generation.
   */
  async seal(signal: AbortSignal): Promise<number> {
    const sealed = this.#generation;
    this.#answered = undefined;
    this.#sealed.set(sealed, this.#open.ranges());
    this.#open = new ChangeBitmap(this.#unit);
    this.#generation++;
    await this.save(signal);
    return sealed;
  }

  /**
   * Returns the ranges written after generation `since` was sealed, up to and including generation
   * `until` (all if undefined). Undefined if `since` is not a generation of this disk.
   */
  changes(since: number, until: number | undefined): RangeSet | undefined {
    if (since >= this.#generation || !this.#sealed.has(since)) return undefined;
    const last = this.#answered;
    if (last?.since === since && last.until === until) return last.changed;
    let changed = until === undefined ? this.#open.ranges() : RangeSet.empty;
    for (const [number, ranges] of this.#sealed) {
      if (number > since && (until === undefined || number <= until))
        changed = changed.union(ranges);
    }
    this.#answered = { since, until, changed };
    return changed;
  }

  /**
   * Discards generations that no reference point or checkpoint can query; their writes move to the
   * next.
   */
  async prune(oldest: number, signal: AbortSignal): Promise<void> {
    const gone = Array.from(this.#sealed.keys()).filter((number) => number < oldest);
    if (gone.length === 0) return;
    for (const number of gone) this.#sealed.delete(number);
    this.#answered = undefined;
    await this.save(signal);
  }

  /** Writes the fine map and clears the coarse one. */
  async save(signal: AbortSignal): Promise<void> {
    const all = [...this.#sealed, [this.#generation, this.#open.ranges()] as const];
    const file: TrackerFile = {
      version: 1,
      generation: this.#generation,
      generations: all.map(([number, ranges]) => ({
        number,
        ranges: Array.from(ranges, toStartLength),
      })),
    };
    await replaceFile(this.#fineFile, new TextEncoder().encode(JSON.stringify(file)), signal);
    await fs.rm(this.#coarseFile, { force: true });
    this.#coarse.clear();
  }

  /** Removes the files of a disk that is no longer tracked. */
  async discard(): Promise<void> {
    await fs.rm(this.#fineFile, { force: true });
    await fs.rm(this.#coarseFile, { force: true });
  }
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError(error, 'read', file);
  }
}
