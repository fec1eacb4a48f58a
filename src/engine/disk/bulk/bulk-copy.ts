/**
 * Work on all data of a disk by the native library: copying it into a new file, hashing it, or both
 * in one pass. Every function returns undefined, before anything is read or written, if the library
 * or the files do not allow it: the caller then uses its own loop, with equal results.
 */
import { Pump, PUMP_CELL, type PumpResult } from '../../native/loops/pump.ts';
import type { BorrowedImage } from '../image/image-writer.ts';
import type { VirtualDisk } from '../virtual/virtual-disk.ts';
import { pumpBatches } from './pump-batches.ts';
import { runPump, type PumpBatch } from './run-pump.ts';

/** Parameters of a bulk copy. */
export interface BulkCopy {
  readonly disk: VirtualDisk;
  /** Lends the file that receives the data without zeros; absent: nothing is written. */
  readonly borrow?: (() => BorrowedImage | undefined) | undefined;
  /** Bytes of a hash leaf, a power of two from 4 KiB to 1 MiB; 0: nothing is hashed. */
  readonly leaf: number;
  /** Leaves out zeros of 4 KiB instead of 64 KiB. */
  readonly fineZeros?: boolean;
  /** Yields what to read, ordered, with the layers as files; absent: all data of the disk. */
  readonly batches?: () => AsyncGenerator<PumpBatch>;
  /** Receives states and digests of the leaves of cells of 1 MiB, in order of the disk. */
  readonly result?: (result: PumpResult) => void | Promise<void>;
  /** Receives numbers of bytes that were read. */
  readonly advance: (bytes: number) => void;
}

export interface BulkCopied {
  readonly readBytes: number;
  readonly storedBytes: number;
}

/**
 * Reads all data of a disk once, hashes its leaves and writes it. Throws `source.*` and the signal's
 * reason; the target then holds a part of the data.
 */
export async function bulkCopy(
  { disk, borrow, leaf, fineZeros, batches, result, advance }: BulkCopy,
  signal: AbortSignal,
): Promise<BulkCopied | undefined> {
  signal.throwIfAborted();
  // The library takes no disk of 0 bytes.
  const files = disk.size === 0 ? undefined : disk.borrowFiles?.();
  if (files === undefined) return undefined;
  let target: BorrowedImage | undefined;
  let end = 0;
  let storedBytes = 0;
  try {
    target = borrow?.();
    if (borrow !== undefined && target === undefined) return undefined;
    end = target?.end ?? 0;
    const pump = Pump.open({
      files: files.map(({ fd }) => fd),
      target: target?.fd,
      diskSize: disk.size,
      blockSize: target?.blockSize ?? 0,
      end,
      leaf,
      compare: false,
      fineZeros,
    });
    if (pump === undefined) return undefined;
    const granule = Math.max(target?.blockSize ?? 0, PUMP_CELL);
    const listener = {
      files: files.map(({ name }) => name),
      target: target?.name ?? '',
      result: async (found: PumpResult) => {
        target?.adopt(found.blocks.filter(({ offset }) => offset !== 0));
        await result?.(found);
      },
      advance,
    };
    const work = batches?.() ?? pumpBatches(disk, granule, signal);
    const state = await runPump(pump, work, listener, signal);
    ({ end, storedBytes } = state);
    return { readBytes: state.readBytes, storedBytes };
  } finally {
    target?.release(target.blockSize === 0 ? target.end + disk.size : end, storedBytes);
    for (const file of files) file.release();
  }
}
