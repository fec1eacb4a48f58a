import type { FileHandle } from 'node:fs/promises';
import type { ByteStorage } from '../byte-source.ts';
import { machine, type FileEnvironment } from '../platform/file-environment.ts';
import { fileError } from '../platform/file-errors.ts';
import { readFully, regularSize } from './file-source.ts';
import type { QuickWrites } from './quick-writes.ts';
import { sourceError } from '../source-errors.ts';

export interface FileStorageOptions {
  /** Creates the file; an existing one throws `source.exists`. Otherwise the file must exist. */
  readonly create?: boolean;
  readonly environment?: FileEnvironment;
}

/**
 * Real paths that this process has open for writing. Node has no portable file lock between
 * processes, but two writers in one process are detected.
 */
const opened = new Set<string>();

/**
 * A file that is changed in place. Opening a second one for the same file in this process throws
 * `source.busy`.
 */
export class FileStorage implements ByteStorage {
  readonly name: string;
  #size: number;
  readonly #handle: FileHandle;
  readonly #real: string;
  #closed = false;

  private constructor(name: string, size: number, handle: FileHandle, real: string) {
    this.name = name;
    this.#size = size;
    this.#handle = handle;
    this.#real = real;
  }

  static async open(
    path: string,
    options: FileStorageOptions,
    signal: AbortSignal,
  ): Promise<FileStorage> {
    signal.throwIfAborted();
    const { files, windows } = options.environment ?? machine;
    try {
      const handle = await files.open(path, options.create === true ? 'wx+' : 'r+');
      try {
        const size = await regularSize(handle, path);
        const found = await files.realpath(path);
        const real = windows ? found.toLowerCase() : found;
        if (opened.has(real)) {
          throw sourceError('source.busy', `${path} is already open for writing`, {
            data: { path },
          });
        }
        opened.add(real);
        return new FileStorage(path, size, handle, real);
      } catch (error) {
        await handle.close();
        throw error;
      }
    } catch (error) {
      throw fileError(error, options.create === true ? 'create' : 'open for writing', path);
    }
  }

  get size(): number {
    return this.#size;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    this.#check(signal);
    await readFully(this.#handle, this.name, this.#size, offset, into);
  }

  /** Writes all of `bytes`. Writing beyond the end extends the file; a gap reads as zeros. */
  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    this.#check(signal);
    await writeFully(this.#handle, this.name, offset, bytes);
    this.#size = Math.max(this.#size, offset + bytes.length);
  }

  async resize(size: number, signal: AbortSignal): Promise<void> {
    this.#check(signal);
    try {
      await this.#handle.truncate(size);
    } catch (error) {
      throw fileError(error, `resize to ${size} bytes`, this.name);
    }
    this.#size = size;
  }

  async flush(signal: AbortSignal): Promise<void> {
    this.#check(signal);
    try {
      await this.#handle.sync();
    } catch (error) {
      throw fileError(error, 'flush', this.name);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    opened.delete(this.#real);
    await this.#handle.close();
  }

  #check(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.#closed) throw sourceError('source.closed', `${this.name} is closed`);
  }
}

/**
 * Writes all of `bytes` at `offset`, in as many calls as needed. The rest of a short quick write
 * goes to other threads.
 */
export async function writeFully(
  handle: FileHandle,
  name: string,
  offset: number,
  bytes: Uint8Array,
  quick?: QuickWrites,
): Promise<void> {
  if (!(offset >= 0 && Number.isSafeInteger(offset + bytes.length))) {
    throw sourceError(
      'source.range',
      `Cannot write ${bytes.length} bytes at ${offset} of ${name}: invalid offset`,
      {
        data: { name, offset, length: bytes.length },
      },
    );
  }
  try {
    let done = quick?.tryWrite(handle, bytes, offset) ?? 0;
    while (done < bytes.length) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
      done += bytesWritten;
    }
  } catch (error) {
    throw fileError(error, `write ${bytes.length} bytes at ${offset} of`, name);
  }
}
