import { Pump, type PumpExtent, type PumpProgress } from '../../native/loops/pump.ts';
import type { Range } from '../../base/range.ts';
import type { BorrowedFile } from '../../source/byte-source.ts';
import type { Extent, VirtualDisk } from '../virtual/virtual-disk.ts';
import { runPump, type PumpBatch } from './run-pump.ts';

/** Bytes of both disks that one batch covers at most. */
const WINDOW = 256 * 2 ** 20;

/**
 * Compares two disks below `end` by the native library; parts without data in both are skipped.
 * Returns the lowest offset that differs, or undefined in `difference` if none does. Returns
 * undefined, before anything is read, if the library or the files do not allow it.
 */
export async function bulkCompare(
  a: VirtualDisk,
  b: VirtualDisk,
  end: number,
  advance: (bytes: number) => void,
  signal: AbortSignal,
): Promise<{ readonly difference: number | undefined } | undefined> {
  signal.throwIfAborted();
  // The library takes no disk of 0 bytes.
  const left = end === 0 ? undefined : a.borrowFiles?.();
  if (left === undefined) return undefined;
  const right = b.borrowFiles?.();
  try {
    if (right === undefined) return undefined;
    const files: readonly BorrowedFile[] = [...left, ...right];
    const pump = Pump.open({
      files: files.map(({ fd }) => fd),
      target: undefined,
      diskSize: end,
      blockSize: 0,
      end: 0,
      leaf: 0,
      compare: true,
    });
    if (pump === undefined) return undefined;
    const listener = {
      files: files.map(({ name }) => name),
      target: '',
      result: () => undefined,
      // Two bytes are read for each byte of the disk.
      advance: (bytes: number) => advance(bytes / 2),
      isEnough: ({ difference }: PumpProgress) => difference !== undefined,
    };
    const within = { start: 0, end };
    const batches = pairs(a.extents(within, signal), b.extents(within, signal), left.length, end);
    const { difference, readBytes } = await runPump(pump, batches, listener, signal);
    advance(end - readBytes / 2);
    return { difference };
  } finally {
    for (const file of [...left, ...(right ?? [])]) file.release();
  }
}

/** Yields the data of both disks, window by window. `shift`: index of the second disk's files. */
async function* pairs(
  a: AsyncIterable<Extent>,
  b: AsyncIterable<Extent>,
  shift: number,
  end: number,
): AsyncGenerator<PumpBatch> {
  const [left, right] = [new Cursor(a, 0), new Cursor(b, shift)];
  try {
    for (let start = 0; start < end;) {
      const [x, y] = [await left.peek(), await right.peek()];
      const first = Math.min(x?.start ?? end, y?.start ?? end);
      if (first >= end) return;
      start = first - (first % WINDOW);
      const window = { start, end: Math.min(start + WINDOW, end) };
      yield { a: await left.take(window), b: await right.take(window) };
      start = window.end;
    }
  } finally {
    await left.close();
    await right.close();
  }
}

/** The data extents of a disk, from the first that was not yet taken. */
class Cursor {
  readonly #extents: AsyncIterator<Extent>;
  readonly #shift: number;
  #next: PumpExtent | undefined;
  #done = false;

  constructor(extents: AsyncIterable<Extent>, shift: number) {
    this.#extents = extents[Symbol.asyncIterator]();
    this.#shift = shift;
  }

  async peek(): Promise<PumpExtent | undefined> {
    while (this.#next === undefined && !this.#done) {
      const found = await this.#extents.next();
      if (found.done === true) this.#done = true;
      else if (found.value.kind === 'data') {
        const { start, length, depth, offset } = found.value;
        this.#next = { start, length, offset: offset as number, file: depth + this.#shift };
      }
    }
    return this.#next;
  }

  /** Takes the parts within a window. */
  async take({ end }: Range): Promise<PumpExtent[]> {
    const out: PumpExtent[] = [];
    for (let next = await this.peek(); next !== undefined; next = await this.peek()) {
      const { start, length, offset, file } = next;
      if (start >= end) break;
      const inside = Math.min(length, end - start);
      out.push({ start, length: inside, offset, file });
      this.#next =
        inside === length
          ? undefined
          : { start: end, length: length - inside, offset: offset + inside, file };
    }
    return out;
  }

  async close(): Promise<void> {
    await this.#extents.return?.();
  }
}
