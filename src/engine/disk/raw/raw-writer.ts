import type { PartWriter } from '../../source/byte-source.ts';
import type { BorrowedImage, ImageWriter, NewDisk, WrittenImage } from '../image/image-writer.ts';
import { diskError } from '../virtual/disk-errors.ts';

/** Writes a raw image: what is not written is a gap of the file. */
export class RawWriter implements ImageWriter {
  readonly #parts: PartWriter;
  readonly #size: number;
  #payloadBytes = 0;
  #done = false;

  /** Throws `disk.write.argument` for a disk with a parent. */
  constructor(parts: PartWriter, { size, subformat }: NewDisk) {
    if (subformat !== 'fixed') {
      throw diskError('disk.write.argument', `a raw image cannot be ${subformat}; expected fixed`, {
        data: { found: subformat, expected: 'fixed' },
      });
    }
    this.#parts = parts;
    this.#size = size;
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    this.#check(offset, bytes.length);
    this.#payloadBytes += bytes.length;
    await this.#parts.write(offset, bytes, signal);
  }

  zero(start: number, length: number): void {
    this.#check(start, length);
  }

  borrow(): BorrowedImage | undefined {
    const part = this.#parts.borrow?.();
    if (part === undefined) return undefined;
    return {
      fd: part.fd,
      name: part.name,
      blockSize: 0,
      end: 0,
      adopt: () => undefined,
      release: (end, storedBytes) => {
        this.#payloadBytes += storedBytes;
        part.release(Math.min(end, this.#size));
      },
    };
  }

  async complete(signal: AbortSignal): Promise<WrittenImage> {
    await this.#parts.complete(this.#size, signal);
    this.#done = true;
    return {
      fileSize: this.#size,
      payloadBytes: this.#payloadBytes,
      identity: undefined,
      blockSize: undefined,
    };
  }

  async abandon(): Promise<void> {
    if (!this.#done) await this.#parts.abandon();
  }

  #check(offset: number, length: number): void {
    if (offset >= 0 && length >= 0 && offset + length <= this.#size) return;
    throw diskError(
      'disk.write.argument',
      `${length} bytes at ${offset} are invalid: expected a range within a disk of ${this.#size} bytes`,
      { data: { offset, length, size: this.#size } },
    );
  }
}
