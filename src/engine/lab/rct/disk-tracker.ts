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
 * Bytes of one unit of the coarse map that survives a crash. Coarser than the fine units, as with Hyper-V's `.mrt`, so
 * after a crash the tracker reports more than was written, never less.
 */
const COARSE_UNIT = 2 ** 24;

interface TrackerFile {
  readonly version: 1;
  /** The open generation. */
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
 * Change tracking of one disk: a set of written ranges for each generation. Sealed generations are on disk at once;
 * the open one is kept in memory and written when the lab stops in order. A coarse map is written through before
 * each write, so that a crash loses no change.
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

  private constructor(folder: string, trackingId: Guid, unit: number) {
    this.trackingId = trackingId;
    this.#unit = unit;
    this.#open = new ChangeBitmap(unit);
    this.#fineFile = path.join(folder, `${trackingId}.rct.json`);
    this.#coarseFile = path.join(folder, `${trackingId}.mrt`);
  }

  /** Reads what an earlier run of the lab left; `unit` is the granularity in bytes. */
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
    // What the coarse map still holds was written after the fine map was: the lab did not stop in order.
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

  /** Marks a write. It must be called, and have returned, before the write is acknowledged. */
  async mark(written: Range): Promise<void> {
    const fresh: number[] = [];
    const last = Math.ceil(written.end / COARSE_UNIT);
    for (let unit = Math.floor(written.start / COARSE_UNIT); unit < last; unit++) {
      if (!this.#coarse.has(unit)) fresh.push(unit);
    }
    if (fresh.length > 0) {
      await fs.appendFile(this.#coarseFile, fresh.map((unit) => `${unit}\n`).join(''), {
        flush: true,
      });
      for (const unit of fresh) this.#coarse.add(unit);
    }
    this.#open.mark(written);
  }

  /** Closes the open generation and returns its number: the state of now. Later writes belong to the next. */
  async seal(signal: AbortSignal): Promise<number> {
    const sealed = this.#generation;
    this.#sealed.set(sealed, this.#open.ranges());
    this.#open = new ChangeBitmap(this.#unit);
    this.#generation++;
    await this.save(signal);
    return sealed;
  }

  /**
   * Ranges written after generation `since` was sealed, up to and with generation `until` (all where undefined).
   * undefined where `since` is not a generation of this disk.
   */
  changes(since: number, until: number | undefined): RangeSet | undefined {
    if (since >= this.#generation || !this.#sealed.has(since)) return undefined;
    let changed = until === undefined ? this.#open.ranges() : RangeSet.empty;
    for (const [number, ranges] of this.#sealed) {
      if (number > since && (until === undefined || number <= until))
        changed = changed.union(ranges);
    }
    return changed;
  }

  /** Forgets generations that no reference point and no checkpoint can ask for; their writes go to the next. */
  async prune(oldest: number, signal: AbortSignal): Promise<void> {
    const gone = Array.from(this.#sealed.keys()).filter((number) => number < oldest);
    if (gone.length === 0) return;
    for (const number of gone) this.#sealed.delete(number);
    await this.save(signal);
  }

  /** Writes the fine map; the coarse one is then not needed. */
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

  /** Removes the files of a disk that is tracked no longer. */
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
