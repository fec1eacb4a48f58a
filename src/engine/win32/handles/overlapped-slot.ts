import { kernel32 } from '../library/kernel32.ts';
import { StructBytes } from '../types/struct-bytes.ts';
import { OVERLAPPED } from '../types/win32-types.ts';
import { createEvent } from './completions.ts';

const STATUS_PENDING = 0x103n;

/** An OVERLAPPED block with an event and a buffer of its own, for one call at a time. */
export class OverlappedSlot {
  readonly buffer: Buffer;
  readonly event: bigint;
  readonly #block = new StructBytes(OVERLAPPED);

  /** Throws `win32.failed`. */
  constructor(buffer: Buffer) {
    this.buffer = buffer;
    this.event = createEvent(true);
    this.#block.set('hEvent', this.event);
  }

  /** The OVERLAPPED block itself. */
  get block(): Buffer {
    return this.#block.bytes;
  }

  /** Prepares the block for a call at an offset in bytes. */
  begin(offset: number): void {
    this.#block
      .set('Internal', 0)
      .set('InternalHigh', 0)
      .set('Offset', offset % 2 ** 32)
      .set('OffsetHigh', Math.floor(offset / 2 ** 32));
  }

  get pending(): boolean {
    return this.#block.uint64('Internal') === STATUS_PENDING;
  }

  /** Closes the event. Not while a call is in flight. */
  close(): void {
    kernel32('CloseHandle')(this.event);
  }
}
