import { Buffer } from 'node:buffer';
import { smbError } from '../../contract/smb-errors.ts';
import { FRAME_PREFIX_BYTES } from '../../codec/protocol/frame.ts';

/**
 * Receives a frame, as one buffer. Answers whether nothing of it is needed any more, so that the
 * next frame may take its memory: a large buffer for each would keep the collector busy.
 */
export type TakeFrame = (frame: Buffer) => boolean;

/** Cuts the bytes of a connection into frames (MS-SMB2 2.1). */
export class FrameReader {
  /** Maximum length of a frame; follows what is negotiated. */
  limit: number;
  readonly #take: TakeFrame;
  readonly #prefix = Buffer.alloc(FRAME_PREFIX_BYTES);
  #prefixed = 0;
  #frame: Buffer | undefined;
  #filled = 0;
  /** Memory of an earlier frame. */
  #spare: Buffer = Buffer.alloc(0);

  constructor(limit: number, take: TakeFrame) {
    this.limit = limit;
    this.#take = take;
  }

  /**
   * Takes the next bytes, which it copies, and hands over the frames that they complete. Throws
   * `smb.answer` for a frame that is empty, longer than the limit, or begins with another byte than 0.
   */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#frame === undefined) {
        const prefix = chunk.subarray(at, at + FRAME_PREFIX_BYTES - this.#prefixed);
        this.#prefix.set(prefix, this.#prefixed);
        this.#prefixed += prefix.length;
        at += prefix.length;
        if (this.#prefixed === FRAME_PREFIX_BYTES) this.#begin();
        continue;
      }
      const part = chunk.subarray(at, at + this.#frame.length - this.#filled);
      this.#frame.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === this.#frame.length) this.#complete(this.#frame);
    }
  }

  #begin(): void {
    const length = this.#prefix.readUInt32BE(0);
    this.#prefixed = 0;
    if (length === 0 || length > this.limit) {
      throw smbError(
        'smb.answer',
        `A frame has the prefix 0x${length.toString(16).padStart(8, '0')}, expected a length of 1 to ${this.limit} bytes`,
        { data: { found: length, expected: this.limit } },
      );
    }
    const fits = this.#spare.length >= length;
    this.#frame = fits ? this.#spare.subarray(0, length) : Buffer.allocUnsafeSlow(length);
    if (fits) this.#spare = Buffer.alloc(0);
    this.#filled = 0;
  }

  #complete(frame: Buffer): void {
    this.#frame = undefined;
    if (this.#take(frame) && frame.buffer.byteLength > this.#spare.length) {
      this.#spare = Buffer.from(frame.buffer);
    }
  }
}
