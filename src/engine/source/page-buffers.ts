/**
 * Reusable buffers that begin at a memory page, as direct I/O requires.
 *
 * Node has no aligned allocation, and Electron rejects buffers whose memory was allocated by native
 * code. The memory of a WebAssembly instance begins at a page on every platform, and its buffer is
 * an ordinary ArrayBuffer.
 */
export const PAGE = 4096;
/** Unit in which WebAssembly memory grows, in bytes. */
const WASM_PAGE = 65_536;

interface WasmMemory {
  readonly buffer: ArrayBuffer;
}
// The type declarations of Node lack WebAssembly; those of browsers have it.
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Memory: new (size: { initial: number; maximum: number }) => WasmMemory;
  };
};

const memories = new WeakSet<ArrayBufferLike>();

/** Whether `bytes` begins at a memory page and covers whole pages. */
export function isPageAligned(bytes: Uint8Array): boolean {
  return memories.has(bytes.buffer) && bytes.byteOffset % PAGE === 0 && bytes.length % PAGE === 0;
}

/**
 * A pool of buffers of equal size. Allocates `count` page-aligned buffers at once; further ones are
 * ordinary buffers.
 */
export class PageBuffers {
  readonly #size: number;
  readonly #count: number;
  #free: Buffer[] | undefined;

  /** @param size bytes of each buffer. */
  constructor(size: number, count: number) {
    this.#size = size;
    this.#count = count;
  }

  /** Returns a buffer whose contents are undefined. */
  take(): Buffer {
    this.#free ??= alignedBuffers(this.#size, this.#count);
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#size);
  }

  /** Returns a buffer to the pool. The caller must not use it afterwards. */
  give(buffer: Buffer): void {
    this.#free?.push(buffer);
  }
}

/**
 * Allocates `count` page-aligned buffers of `size` bytes; returns an empty array if the memory
 * cannot be allocated.
 */
function alignedBuffers(size: number, count: number): Buffer[] {
  const stride = Math.ceil(size / PAGE) * PAGE;
  const memory = alignedMemory(stride * count);
  if (memory === undefined) return [];
  return Array.from({ length: count }, (_, i) => memory.subarray(i * stride, i * stride + size));
}

/**
 * Allocates `length` bytes that begin at a memory page and are zero; undefined if the address space
 * is too small (ulimit -v). The system provides a page when it is first used.
 */
export function alignedMemory(length: number): Buffer | undefined {
  const pages = Math.ceil(length / WASM_PAGE);
  try {
    const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
    memories.add(buffer);
    return Buffer.from(buffer, 0, length);
  } catch {
    return undefined;
  }
}
