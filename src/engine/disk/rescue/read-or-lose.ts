import { isEngineError } from '../../base/errors.ts';
import { alignUp } from '../../base/range.ts';
import type { LostRanges } from './lost-ranges.ts';

/** Reads bytes of the disk from `start`, or throws. */
export type ReadPart = (start: number, into: Uint8Array) => Promise<void>;

/**
 * Reads as much as possible: halves a part that cannot be read until single sectors are left, which
 * become zeros and are noted as lost. Throws only what is not an error of reading.
 * @param sector logical sector size of the disk; `start` is a multiple
 */
export async function readOrLose(
  read: ReadPart,
  start: number,
  into: Uint8Array,
  sector: number,
  lost: LostRanges,
  signal: AbortSignal,
): Promise<void> {
  try {
    await read(start, into);
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    if (into.length <= sector) {
      into.fill(0);
      lost.add(start, into.length, error.code);
      return;
    }
    const half = alignUp(Math.ceil(into.length / 2), sector);
    await readOrLose(read, start, into.subarray(0, half), sector, lost, signal);
    await readOrLose(read, start + half, into.subarray(half), sector, lost, signal);
  }
}
