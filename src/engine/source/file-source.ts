import { constants } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import type { ByteSource } from './byte-source.ts';
import { fileError } from './file-errors.ts';
import { checkRead } from './read-check.ts';
import { sourceError } from './source-errors.ts';

/** The largest single read: the system calls take 31-bit lengths. */
const MAX_TRANSFER = 1 << 30;

/**
 * Opening a named pipe waits for its writer, and no signal ends that wait; so opening never waits. On regular files
 * the flag changes nothing, and Windows has none.
 */
const READ = constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK);

/** A file that is read at offsets. Its size is taken once, when it is opened. */
export class FileSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #handle: FileHandle;
  #closed = false;

  private constructor(name: string, size: number, handle: FileHandle) {
    this.name = name;
    this.size = size;
    this.#handle = handle;
  }

  /** Opens for reading. `source.notFound`, `source.denied`, `source.busy`, `source.notFile`, `source.io`. */
  static async open(path: string, signal: AbortSignal): Promise<FileSource> {
    signal.throwIfAborted();
    try {
      const handle = await fs.open(path, READ);
      try {
        return new FileSource(path, await regularSize(handle, path), handle);
      } catch (error) {
        await handle.close();
        throw error;
      }
    } catch (error) {
      throw fileError(error, 'open', path);
    }
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#closed) throw sourceError('source.closed', `${this.name} is closed`);
    await readFully(this.#handle, this.name, this.size, offset, into);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#handle.close();
  }
}

/** The size of an open regular file; `source.notFile` for folders and devices. */
export async function regularSize(handle: FileHandle, path: string): Promise<number> {
  const stat = await handle.stat();
  if (!stat.isFile()) {
    throw sourceError('source.notFile', `${path} is not a regular file`, { data: { path } });
  }
  return stat.size;
}

/** Fills `into` from `offset`; `source.range` past `size`, `source.short` where the file ends earlier. */
export async function readFully(
  handle: FileHandle,
  name: string,
  size: number,
  offset: number,
  into: Uint8Array,
): Promise<void> {
  checkRead({ name, size }, offset, into.length);
  let done = 0;
  while (done < into.length) {
    const length = Math.min(into.length - done, MAX_TRANSFER);
    let count: number;
    try {
      count = (await handle.read(into, done, length, offset + done)).bytesRead;
    } catch (error) {
      throw fileError(error, `read ${length} bytes at ${offset + done} of`, name);
    }
    if (count === 0) {
      throw sourceError(
        'source.short',
        `${name} ends at ${offset + done}, before its ${size} bytes`,
        {
          data: { name, offset: offset + done, size },
        },
      );
    }
    done += count;
  }
}
