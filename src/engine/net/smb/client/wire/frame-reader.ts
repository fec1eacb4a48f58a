import { Buffer } from 'node:buffer';
import { smbError } from '../../contract/smb-errors.ts';
import { FRAME_PREFIX_BYTES } from '../../codec/protocol/frame.ts';
import type { Pieces } from './pieces.ts';

/** Cuts the bytes of a connection into frames (MS-SMB2 2.1), without joining or copying them. */
export class FrameReader {
  /** Maximum length of a frame; follows what is negotiated. */
  limit: number;
  #prefix = Buffer.alloc(0);
  #pieces: Buffer[] = [];
  #missing = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /**
   * Takes the next bytes and returns the frames that they complete. Throws `smb.answer` for a frame
   * that is empty, longer than the limit, or begins with another byte than 0.
   */
  push(chunk: Buffer): Pieces[] {
    const frames: Pieces[] = [];
    for (let rest = chunk; rest.length > 0;) {
      if (this.#missing === 0) {
        const needed = FRAME_PREFIX_BYTES - this.#prefix.length;
        this.#prefix = Buffer.concat([this.#prefix, rest.subarray(0, needed)]);
        rest = rest.subarray(needed);
        if (this.#prefix.length === FRAME_PREFIX_BYTES) this.#begin();
        continue;
      }
      const piece = rest.subarray(0, this.#missing);
      this.#pieces.push(piece);
      this.#missing -= piece.length;
      rest = rest.subarray(piece.length);
      if (this.#missing > 0) continue;
      frames.push(this.#pieces);
      this.#pieces = [];
    }
    return frames;
  }

  #begin(): void {
    const value = this.#prefix.readUInt32BE(0);
    this.#prefix = Buffer.alloc(0);
    if (value === 0 || value > this.limit) {
      throw smbError(
        'smb.answer',
        `A frame has the prefix 0x${value.toString(16).padStart(8, '0')}, expected a length of 1 to ${this.limit} bytes`,
        { data: { found: value, expected: this.limit } },
      );
    }
    this.#missing = value;
  }
}
