import { NativeMemory } from '../../../native/native-memory.ts';
import type { SspiLibrary } from './sspi-library.ts';

/** Types of SecBuffer (sspi.h). */
export const BUFFER = { data: 1, token: 2, padding: 9, channelBindings: 14 } as const;

/** A message or token as the calls take it. */
export interface SspiBuffers {
  /** SecBufferDesc. */
  readonly pointer: bigint;
  /** Returns a copy of the bytes that a buffer has after the call. */
  read(at: number): Buffer;
}

/** Builds the structs of sspi.h for one call, and reads those that it filled. */
export class SspiMemory extends NativeMemory {
  readonly #library: SspiLibrary;

  constructor(library: SspiLibrary) {
    super(library.koffi);
    this.#library = library;
  }

  /** Returns a text in UTF-16 that ends with a zero. */
  text(text: string): bigint {
    return this.bytes(Buffer.from(`${text}\0`, 'utf16le'));
  }

  buffers(all: readonly (readonly [type: number, bytes: Buffer])[]): SspiBuffers {
    const { koffi, types } = this.#library;
    const size = koffi.sizeof(types.buffer);
    const buffers = this.allocate(size * all.length);
    all.forEach(([type, bytes], at) => {
      const value = { size: bytes.length, type, bytes: this.bytes(bytes) };
      koffi.encode(buffers, at * size, types.buffer, value);
    });
    return {
      pointer: this.struct(types.buffers, { version: 0, count: all.length, buffers }),
      read: (at) => {
        const filled = koffi.decode(buffers, at * size, types.buffer) as {
          size: number;
          bytes: bigint | null;
        };
        return this.read(filled.bytes, filled.size);
      },
    };
  }

  /**
   * Returns the content of a SEC_CHANNEL_BINDINGS buffer: eight 32-bit numbers, of which the last
   * two are length and offset of the application data, then that data.
   */
  static channelBindings(applicationData: Buffer): Buffer {
    const head = Buffer.alloc(32);
    head.writeUInt32LE(applicationData.length, 24);
    head.writeUInt32LE(32, 28);
    return Buffer.concat([head, applicationData]);
  }
}
