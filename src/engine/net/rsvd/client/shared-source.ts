import { ByteBudget } from '../../../base/bytes/byte-budget.ts';
import { isEngineError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { checkRead } from '../../../source/read-check.ts';
import { rsvdError } from '../contract/rsvd-errors.ts';
import { readDisk } from './handle/read-disk.ts';
import type { ReopenedHandle } from './reopened-handle.ts';

/** Bytes of reads of one disk that are under way. */
const IN_FLIGHT_BYTES = 32 * 2 ** 20;

/** The virtual disk, or a snapshot of it, as bytes. Reads are widened to whole sectors. */
export class SharedSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #sector: number;
  readonly #handle: ReopenedHandle;
  readonly #budget = new ByteBudget(IN_FLIGHT_BYTES);

  constructor(
    handle: ReopenedHandle,
    facts: { readonly name: string; readonly size: number; readonly sector: number },
  ) {
    this.#handle = handle;
    this.name = facts.name;
    this.size = facts.size;
    this.#sector = facts.sector;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    checkRead(this, offset, into.length);
    if (into.length === 0) return;
    const start = offset - (offset % this.#sector);
    const end = Math.ceil((offset + into.length) / this.#sector) * this.#sector;
    const isWhole = start === offset && end === offset + into.length;
    const release = await this.#budget.take(Math.min(end - start, IN_FLIGHT_BYTES), signal);
    try {
      const sectors = isWhole ? into : new Uint8Array(end - start);
      await this.#handle.run((handle) => readDisk(handle, start, sectors, signal), signal);
      if (!isWhole) into.set(sectors.subarray(offset - start, offset - start + into.length));
    } catch (error) {
      if (!isEngineError(error, 'rsvd.attention')) throw error;
      const text = `${this.name} reports a change at every attempt: ${error.message}`;
      throw rsvdError('rsvd.attention', text, { data: error.data, cause: error });
    } finally {
      release();
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
