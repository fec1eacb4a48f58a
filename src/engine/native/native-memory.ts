import type { Koffi, NativeFunction, NativeType } from './koffi.ts';

/** Maximum number of bytes copied from one pointer that a library returned. */
const MAX_READ = 64 * 1024 * 1024;

/**
 * Native memory for the arguments of calls, freed together. Unlike a Buffer's it does not move and
 * lives as long as a call on another thread needs it.
 */
export class NativeMemory {
  readonly #koffi: Koffi;
  readonly #copy: NativeFunction;
  #blocks: { readonly pointer: bigint; readonly size: number }[] = [];

  constructor(koffi: Koffi) {
    this.#koffi = koffi;
    this.#copy = memoryCopy(koffi);
  }

  /** Returns zeroed memory of at least one byte. */
  allocate(size: number): bigint {
    const pointer = this.#koffi.alloc('uint8_t', Math.max(size, 1));
    this.#blocks.push({ pointer, size });
    return pointer;
  }

  /** Returns a copy of the bytes. */
  bytes(bytes: Buffer): bigint {
    const pointer = this.allocate(bytes.length);
    if (bytes.length > 0) this.#copy(pointer, bytes, bytes.length);
    return pointer;
  }

  /** Returns a struct with the given members. */
  struct(type: NativeType, value: Readonly<Record<string, unknown>>): bigint {
    const pointer = this.allocate(this.#koffi.sizeof(type));
    this.#koffi.encode(pointer, type, value);
    return pointer;
  }

  /** Copies bytes that a library returned. Throws a RangeError if the length is not plausible. */
  read(pointer: bigint | null, length: number): Buffer {
    if (length > MAX_READ) throw new RangeError(`A library returned ${length} bytes`);
    const bytes = Buffer.alloc(pointer === null ? 0 : length);
    if (pointer !== null && length > 0) this.#copy(bytes, pointer, length);
    return bytes;
  }

  /** Overwrites everything with zeros, since it may hold passwords and keys, and frees it. */
  free(): void {
    const blocks = this.#blocks;
    this.#blocks = [];
    for (const { pointer, size } of blocks) {
      if (size > 0) this.#copy(pointer, Buffer.alloc(size), size);
      this.#koffi.free(pointer);
    }
  }
}

const known = new WeakMap<Koffi, NativeFunction>();

function memoryCopy(koffi: Koffi): NativeFunction {
  let copy = known.get(koffi);
  if (copy === undefined) {
    const library = koffi.load(process.platform === 'win32' ? 'msvcrt.dll' : null);
    copy = library.func('void *memcpy(void *to, void *from, size_t length)');
    known.set(koffi, copy);
  }
  return copy;
}
