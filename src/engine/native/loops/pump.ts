import type { NativeLoops } from './native-loops.ts';
import { nativeLoops } from './native-loops.ts';
import { osHandle } from './os-handle.ts';

/** Unit of work of a pump in bytes (RP_CELL). */
export const PUMP_CELL = 1024 * 1024;
const DIGEST_SIZE = 32;
const EXTENT_BYTES = 32;

/** States of a leaf (RP_UNTOUCHED, RP_ZERO, RP_DATA). */
export const LEAF_ZERO = 1;
export const LEAF_DATA = 2;

/** Parameters of a pump (rp_options). Sizes in bytes. */
export interface PumpOptions {
  /** Open files that extents name by their index. */
  readonly files: readonly number[];
  /** Descriptor of the target; undefined: nothing is written. */
  readonly target: number | undefined;
  readonly diskSize: number;
  /** Bytes of a block of the target; 0: data lies at `end` + its offset on the disk. */
  readonly blockSize: number;
  /** Offset in the target of the first new block, or of the disk if there are no blocks. */
  readonly end: number;
  /** Bytes of a leaf; 0: nothing is hashed. */
  readonly leaf: number;
  /** Compares two lists of extents instead of hashing and writing. */
  readonly compare: boolean;
  /** Leaves out zeros of 4 KiB instead of 64 KiB. */
  readonly fineZeros?: boolean | undefined;
  /** Threads, 1 to 16. */
  readonly workers?: number;
}

/** A part of the disk, and the place of its bytes. */
export interface PumpExtent {
  readonly start: number;
  readonly length: number;
  readonly offset: number;
  readonly file: number;
}

/** Failure of the library's own call to the system. */
export interface PumpFailure {
  /** Name as Node has it; `short`: the file ends before the extent. */
  readonly code: string;
  readonly operation: 'read' | 'write' | 'flush' | 'none';
  /** Index of the file that was read. */
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

export interface PumpProgress {
  readonly readBytes: number;
  readonly storedBytes: number;
  readonly end: number;
  /** Lowest differing offset; undefined if none is known. */
  readonly difference: number | undefined;
  readonly batches: number;
  readonly finished: number;
  readonly busy: number;
  readonly failure: PumpFailure | undefined;
}

/** Results of a batch. */
export interface PumpResult {
  /** Numbers of the cells, in order. */
  readonly cells: readonly number[];
  /** For each cell, the states and digests of its leaves. */
  readonly states: Uint8Array;
  readonly digests: Uint8Array;
  /** Blocks of the target; the offset is 0 if the block has no data. */
  readonly blocks: readonly { readonly block: number; readonly offset: number }[];
}

const CODES = ['OK', 'EINVAL', 'ENOMEM', 'EIO', 'ENOSPC', 'short', 'EACCES', 'EFBIG'];
const OPERATIONS = ['none', 'read', 'write', 'flush'] as const;
/** The default: bench/native.bench.ts shows what other numbers reach. */
const WORKERS = 2;
const FLUSH_EARLY = 1;
const COMPARE = 2;
const FINE_ZEROS = 4;

/**
 * A pump of the native library: reads extents of open files on threads of the library, tests,
 * hashes, writes or compares them. No call waits for a thread, so the event loop stays free, and
 * libuv's pool is not used. The files must stay open until {@link Pump.close}.
 */
export class Pump {
  readonly #loops: NativeLoops;
  readonly #pump: unknown;
  readonly #leaves: number;
  readonly #counts: { readonly cells: number; readonly blocks: number }[] = [];
  readonly #progress = new DataView(new ArrayBuffer(80));

  private constructor(loops: NativeLoops, pump: unknown, leaves: number) {
    this.#loops = loops;
    this.#pump = pump;
    this.#leaves = leaves;
  }

  /** Starts a pump; undefined if the library is not used or has not enough memory. */
  static open(options: PumpOptions): Pump | undefined {
    const loops = nativeLoops();
    if (loops instanceof Error) return undefined;
    const { koffi } = loops;
    const error = Buffer.alloc(4);
    const files = Buffer.alloc(8 * options.files.length + 8);
    options.files.forEach((fd, i) => files.writeBigInt64LE(osHandle(koffi, fd), 8 * i));
    const packed = packOptions(options, loops);
    const pump = loops.pumpOpen(packed, files, options.files.length, error);
    if (pump === null || pump === 0n) {
      const code = CODES[error.readUInt32LE()];
      if (code === 'ENOMEM') return undefined;
      throw new Error(`rp_pump_open: ${code}`);
    }
    return new Pump(loops, pump, options.leaf === 0 ? 0 : PUMP_CELL / options.leaf);
  }

  /** Queues a batch: ordered, disjoint extents behind those of the batch before. */
  submit(a: readonly PumpExtent[], b: readonly PumpExtent[] = []): void {
    const counts = Buffer.alloc(16);
    const [left, right] = [packExtents(a), packExtents(b)];
    const code = Number(
      this.#loops.pumpSubmit(this.#pump, left, a.length, right, b.length, counts),
    );
    if (code !== 0) throw new Error(`rp_pump_submit: ${CODES[code] ?? code}`);
    const [cells, blocks] = [counts.readBigUInt64LE(0), counts.readBigUInt64LE(8)];
    this.#counts.push({ cells: Number(cells), blocks: Number(blocks) });
  }

  /** Reports the state. */
  poll(): PumpProgress {
    const view = this.#progress;
    this.#loops.pumpPoll(this.#pump, Buffer.from(view.buffer));
    const large = (at: number): number => Number(view.getBigUint64(at, true));
    const small = (at: number): number => view.getUint32(at, true);
    const difference = view.getBigUint64(24, true);
    return {
      readBytes: large(0),
      storedBytes: large(8),
      end: large(16),
      difference: difference === 2n ** 64n - 1n ? undefined : Number(difference),
      batches: small(32),
      finished: small(36),
      busy: small(40),
      failure:
        small(44) === 0
          ? undefined
          : {
              code: CODES[small(44)] ?? 'EIO',
              operation: OPERATIONS[small(48)] ?? 'none',
              file: small(52),
              offset: large(56),
              length: large(64),
            },
    };
  }

  /** Returns the results of the oldest batch, which must be finished. */
  take(): PumpResult {
    const counts = this.#counts.shift();
    if (counts === undefined) throw new Error('No batch was submitted');
    const leaves = counts.cells * this.#leaves;
    const cells = Buffer.alloc(8 * counts.cells);
    const blocks = Buffer.alloc(16 * counts.blocks + 16);
    const states = Buffer.alloc(leaves + 1);
    const digests = Buffer.alloc((leaves + 1) * DIGEST_SIZE);
    const code = Number(this.#loops.pumpTake(this.#pump, cells, states, digests, blocks));
    if (code !== 0) throw new Error(`rp_pump_take: ${CODES[code] ?? code}`);
    const read = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));
    return {
      cells: Array.from({ length: counts.cells }, (_, i) => read(cells, 8 * i)),
      states: states.subarray(0, leaves),
      digests: digests.subarray(0, leaves * DIGEST_SIZE),
      blocks: Array.from({ length: counts.blocks }, (_, i) => ({
        block: read(blocks, 16 * i),
        offset: read(blocks, 16 * i + 8),
      })),
    };
  }

  /** Begins no further cell. The pump has stopped when `busy` is 0. */
  cancel(): void {
    this.#loops.pumpCancel(this.#pump);
  }

  /** Ends the threads and frees the pump. Waits for running cells, so call it when none runs. */
  close(): void {
    this.#loops.pumpClose(this.#pump);
  }
}

function packOptions(options: PumpOptions, { koffi, paths }: NativeLoops): Buffer {
  const out = Buffer.alloc(48);
  const { target, compare, fineZeros, workers = WORKERS } = options;
  out.writeBigInt64LE(target === undefined ? -1n : osHandle(koffi, target), 0);
  out.writeBigUInt64LE(BigInt(options.diskSize), 8);
  out.writeBigUInt64LE(BigInt(options.blockSize), 16);
  out.writeBigUInt64LE(BigInt(options.end), 24);
  out.writeUInt32LE(options.leaf, 32);
  out.writeUInt32LE(workers, 36);
  out.writeUInt32LE(compare ? COMPARE : FLUSH_EARLY | (fineZeros === true ? FINE_ZEROS : 0), 40);
  out.writeUInt32LE(paths, 44);
  return out;
}

/** Packs extents as rp_extent: four little-endian numbers of 64 bits each. */
function packExtents(extents: readonly PumpExtent[]): Buffer {
  const out = Buffer.alloc(extents.length * EXTENT_BYTES + 8);
  let at = 0;
  for (const { start, length, offset, file } of extents) {
    at = packNumber(out, start, at);
    at = packNumber(out, length, at);
    at = packNumber(out, offset, at);
    at = packNumber(out, file, at);
  }
  return out;
}

function packNumber(out: Buffer, value: number, at: number): number {
  const high = Math.floor(value / 2 ** 32);
  out.writeUInt32LE(value - high * 2 ** 32, at);
  return out.writeUInt32LE(high, at + 4);
}
