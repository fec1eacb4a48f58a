import type { EngineError, ErrorDetails } from '../../base/errors.ts';
import type { PartWriter } from '../../source/byte-source.ts';
import { SectorRuns } from '../virtual/sector-runs.ts';
import { outsideDisk } from './write-range.ts';

/** Makes the error of a format's writer: a wrong range, a sector again, or a call out of turn. */
export type WriterError = (
  kind: 'argument' | 'twice' | 'state',
  message: string,
  details?: ErrorDetails,
) => EngineError;

/**
 * The progress of a new image, whatever its format: the sectors that were written or zeroed, each
 * once, the writes that still run, and whether the image is open, failed or done. After a failure
 * only {@link abandon} is allowed.
 */
export class WriterProgress {
  readonly written = new SectorRuns();
  readonly zeroed = new SectorRuns();
  readonly #disk: { readonly sector: number; readonly size: number };
  readonly #error: WriterError;
  #state: 'open' | 'failed' | 'done' = 'open';
  #running = 0;
  #payloadBytes = 0;

  constructor(disk: { readonly sector: number; readonly size: number }, error: WriterError) {
    this.#disk = disk;
    this.#error = error;
  }

  /** Bytes passed to {@link write}, or stored in the lent file. */
  get payloadBytes(): number {
    return this.#payloadBytes;
  }

  /** Throws unless the image is open and the range is in whole sectors inside the disk. */
  check(offset: number, length: number): void {
    if (this.#state !== 'open') {
      throw this.#error('state', `the image was already ${this.#state}`, {
        data: { state: this.#state },
      });
    }
    const wrong = outsideDisk(offset, length, this.#disk);
    if (wrong !== undefined) throw this.#error('argument', wrong.message, { data: wrong.data });
  }

  /** Records a range as written or zeroed. Throws if a sector of it already was. */
  claim(runs: SectorRuns, offset: number, length: number): void {
    this.check(offset, length);
    if (length === 0) return;
    const { sector } = this.#disk;
    const [start, end] = [offset / sector, (offset + length) / sector];
    const other = runs === this.written ? this.zeroed : this.written;
    if (other.runs(start, end).next().done === true && runs.add(start, end)) return;
    this.#state = 'failed';
    const message = `some of the ${length} bytes at ${offset} were already written`;
    throw this.#error('twice', message, { data: { offset, length } });
  }

  /** Claims a range and writes it. */
  async write(offset: number, length: number, work: () => Promise<void>): Promise<void> {
    this.claim(this.written, offset, length);
    this.#payloadBytes += length;
    this.#running++;
    try {
      await work();
    } catch (error) {
      this.#state = 'failed';
      throw error;
    } finally {
      this.#running--;
    }
  }

  /** Counts the loan of the file as a running write. Returns the function that ends it. */
  lend(): (storedBytes: number) => void {
    this.#running++;
    return (storedBytes) => {
      this.#payloadBytes += storedBytes;
      this.#running--;
    };
  }

  /** Runs the end of the work. Throws if writes still run; an error leaves the image failed. */
  async complete<Result>(work: () => Promise<Result>): Promise<Result> {
    this.check(0, 0);
    if (this.#running > 0) {
      const message = `cannot complete the image: ${this.#running} writes are still running`;
      throw this.#error('state', message);
    }
    this.#state = 'failed';
    const result = await work();
    this.#state = 'done';
    return result;
  }

  /** Removes an image that is not complete. May be called at any time, also after a failure. */
  async abandon(parts: PartWriter): Promise<void> {
    if (this.#state === 'done') return;
    this.#state = 'failed';
    await parts.abandon();
  }
}
