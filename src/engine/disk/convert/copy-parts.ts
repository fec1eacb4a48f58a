import { forEachInFlight } from '../../base/in-flight.ts';
import type { Progress } from '../../base/progress.ts';
import type { Range } from '../../base/range.ts';
import { PageBuffers } from '../../source/page-buffers.ts';
import type { ImageWriter } from '../image/image-writer.ts';
import { PIECE } from '../virtual/read-ahead.ts';
import { zeroRuns } from '../virtual/zero-scan.ts';

/** Number of pieces that are read, searched for zeros and written concurrently. */
const IN_FLIGHT = 8;
/** Data is searched for zeros in units of this size. */
const ZERO_UNIT = 4096;

/** The copied contents by kind, in bytes; together the size of the disk. */
export interface CopiedBytes {
  /** Written as data. */
  readonly data: number;
  /** Data of the source that is all zero: not stored. */
  readonly zeroData: number;
  /** Marked as zeros in the source. */
  readonly zero: number;
  /** Unallocated in the source. */
  readonly hole: number;
}

/** A part of the source, in order and gapless; `hole` is left out of the new image. */
export interface SourcePart extends Range {
  readonly kind: 'data' | 'zero' | 'hole';
}

export interface CopyOptions<Part> {
  /** Reads bytes of a data part. */
  readonly read: (part: Part, start: number, into: Uint8Array) => Promise<void>;
  /** Logical sector size of the new image; all parts are multiples. */
  readonly unit: number;
  /** The new image has a parent: data that is all zero is marked, since a hole shows the parent. */
  readonly hides: boolean;
}

/**
 * Copies parts of a source into a new image. Passes on parts that are marked as zeros, leaves holes
 * out, and turns data that is all zero into holes, or into zeros if they must hide a parent.
 * Memory: the pieces in flight.
 */
export async function copyParts<Part extends SourcePart>(
  parts: AsyncIterable<Part>,
  writer: ImageWriter,
  { read, unit, hides }: CopyOptions<Part>,
  progress: Progress,
  signal: AbortSignal,
): Promise<CopiedBytes> {
  const copied = { data: 0, zeroData: 0, zero: 0, hole: 0 };
  const buffers = new PageBuffers(PIECE, IN_FLIGHT);
  const one = async ({ part, start, end }: { readonly part: Part } & Range): Promise<void> => {
    const buffer = buffers.take();
    try {
      const bytes = buffer.subarray(0, end - start);
      await read(part, start, bytes);
      for (const run of zeroRuns(bytes, Math.max(ZERO_UNIT, unit), start)) {
        const length = run.end - run.start;
        copied[run.zero ? 'zeroData' : 'data'] += length;
        if (run.zero && hides) writer.zero(start + run.start, length);
        else if (!run.zero) {
          await writer.write(start + run.start, bytes.subarray(run.start, run.end), signal);
        }
      }
      progress.advance(end - start);
    } finally {
      buffers.give(buffer);
    }
  };
  async function* data(): AsyncGenerator<{ readonly part: Part } & Range> {
    for await (const part of parts) {
      if (part.kind === 'data') for (const piece of pieces(part)) yield { part, ...piece };
      else {
        if (part.kind === 'zero') writer.zero(part.start, part.end - part.start);
        copied[part.kind] += part.end - part.start;
        progress.advance(part.end - part.start);
      }
    }
  }
  await forEachInFlight(data(), IN_FLIGHT, one, signal);
  return copied;
}

/** Splits a range at multiples of 1 MiB. */
function* pieces({ start, end }: Range): Generator<Range> {
  for (let at = start; at < end;) {
    const to = Math.min(at - (at % PIECE) + PIECE, end);
    yield { start: at, end: to };
    at = to;
  }
}
