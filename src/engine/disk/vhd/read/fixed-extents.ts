import type { EngineError } from '../../../base/errors.ts';
import { alignDown, alignUp, type Range } from '../../../base/range.ts';
import type { ByteSource, DataAfter } from '../../../source/byte-source.ts';
import type { LayerExtent, LostExtent } from '../../image/image.ts';
import { vhdError } from '../structures/vhd-errors.ts';
import { append, type Layer } from './layer.ts';

/** Data ranges are extended to whole pages, whatever the file system reports. */
const PAGE = 4096;
const MAX_BATCH = 8192;

/** A fixed VHD: the disk lies at the start of the file. Holes of the file read as zeros. */
export class FixedExtents implements Layer {
  readonly #holes: DataAfter | undefined;
  readonly #dataEnd: number;
  readonly #size: number;

  /** @param dataEnd start of the footer */
  constructor(source: ByteSource, size: number, dataEnd: number) {
    this.#holes = source.holes?.();
    this.#size = size;
    this.#dataEnd = dataEnd;
  }

  async *extents(
    ranges: readonly Range[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly (LayerExtent | LostExtent)[]> {
    let batch: (LayerExtent | LostExtent)[] = [];
    for (const { start, end } of ranges) {
      const held = Math.min(end, this.#dataEnd);
      signal.throwIfAborted();
      for (let at = start; at < held;) {
        const data = this.#dataAfter(at, held);
        if (data.start > at)
          append(batch, { start: at, end: data.start, kind: 'zero', offset: -1 });
        if (data.end > data.start) append(batch, { ...data, kind: 'data', offset: data.start });
        at = data.end;
        if (batch.length < MAX_BATCH) continue;
        signal.throwIfAborted();
        yield batch;
        batch = [];
      }
      const lost = Math.max(start, held);
      if (lost < end) batch.push({ start: lost, end, kind: 'lost', error: this.#truncated() });
    }
    if (batch.length > 0) yield batch;
  }

  /** Returns the next data in `[at, end)`; empty at `end` if there are only holes. */
  #dataAfter(at: number, end: number): Range {
    if (this.#holes === undefined) return { start: at, end };
    const found = this.#holes(at);
    if (found === undefined) return { start: end, end };
    // The file was truncated meanwhile: reading it will report that.
    if (found.end <= at) return { start: at, end };
    const start = Math.min(Math.max(alignDown(found.start, PAGE), at), end);
    return { start, end: Math.min(alignUp(found.end, PAGE), end) };
  }

  #truncated(): EngineError {
    return vhdError(
      'vhd.truncated',
      `the file holds ${this.#dataEnd} bytes of a fixed disk of ${this.#size} bytes`,
      { data: { offset: this.#dataEnd, needed: this.#size, size: this.#dataEnd } },
    );
  }
}
