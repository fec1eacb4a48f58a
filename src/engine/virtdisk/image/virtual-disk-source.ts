import { alignDown, alignUp } from '../../base/range.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { checkRead } from '../../source/read-check.ts';
import { sourceError } from '../../source/source-errors.ts';
import { OverlappedReads, READ_PART } from '../../win32/handles/overlapped-reads.ts';
import type { WindowsHandle } from '../../win32/handles/windows-handle.ts';
import { virtdiskError } from '../contract/virtdisk-errors.ts';
import { diskCallFailed } from '../library/call-error.ts';

/**
 * The bytes of an attached disk, read through its own handle: the driver resolves the parents. Reads
 * begin and end at sectors and within the disk, whatever is asked for.
 */
export class VirtualDiskSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #sector: number;
  readonly #reads: OverlappedReads;
  readonly #detach: () => Promise<void>;
  #closing: Promise<void> | undefined;

  /**
   * @param detach runs after the last read
   */
  constructor(
    handle: WindowsHandle,
    { size, sector }: { readonly size: number; readonly sector: number },
    detach: () => Promise<void>,
  ) {
    this.name = handle.name;
    this.size = size;
    this.#sector = sector;
    this.#reads = new OverlappedReads(handle);
    this.#detach = detach;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#closing !== undefined) {
      throw sourceError('source.closed', `${this.name} is closed`, { data: { name: this.name } });
    }
    checkRead(this, offset, into.length);
    const end = offset + into.length;
    const parts: Promise<void>[] = [];
    for (let at = alignDown(offset, this.#sector); at < end; at += READ_PART) {
      const length = Math.min(READ_PART, alignUp(end, this.#sector) - at, this.size - at);
      parts.push(this.#readPart(at, length, offset, into, signal));
    }
    const failed = (await Promise.allSettled(parts)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason as Error;
  }

  /** Cancels the reads in flight, waits for them and detaches the disk. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#reads.end();
    await this.#detach();
  }

  async #readPart(
    at: number,
    length: number,
    offset: number,
    into: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    const copy = (bytes: Buffer): void => {
      const from = Math.max(offset - at, 0);
      const to = Math.min(bytes.length, offset + into.length - at);
      if (to > from) into.set(bytes.subarray(from, to), at + from - offset);
    };
    const outcome = await this.#reads.read(at, length, copy, signal);
    if ('error' in outcome) {
      throw diskCallFailed('ReadFile', outcome.error, this.name, { offset: at, length });
    }
    if (outcome.bytes !== length) {
      throw virtdiskError(
        'virtdisk.answer',
        `ReadFile returned ${outcome.bytes} of ${length} bytes at ${at} of ${this.name}`,
        { data: { call: 'ReadFile', path: this.name, offset: at, length, found: outcome.bytes } },
      );
    }
  }
}
