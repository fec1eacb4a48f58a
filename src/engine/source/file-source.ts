import { constants, read, type Stats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import type { ByteSource } from './byte-source.ts';
import { fileError } from './file-errors.ts';
import { checkRead } from './read-check.ts';
import { isLocal, QuickReads } from './quick-reads.ts';
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
  /** Reads under way: the descriptor is closed after the last of them, since its number may then become another file's. */
  #running = 0;
  #idle: (() => void) | undefined;

  readonly #quick: QuickReads | undefined;

  private constructor(name: string, size: number, handle: FileHandle, local: boolean) {
    this.name = name;
    this.size = size;
    this.#handle = handle;
    this.#quick = local ? new QuickReads() : undefined;
  }

  /** Opens for reading. `source.notFound`, `source.denied`, `source.busy`, `source.notFile`, `source.io`. */
  static async open(path: string, signal: AbortSignal): Promise<FileSource> {
    signal.throwIfAborted();
    try {
      const handle = await fs.open(path, READ);
      try {
        const { size, dev } = await regularFile(handle, path);
        return new FileSource(path, size, handle, await isLocal(path, dev));
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
    this.#running++;
    try {
      await fill(this, (at, length) => this.#readSome(into, at, length, offset + at), offset, into);
    } finally {
      if (--this.#running === 0) this.#idle?.();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#running > 0) await new Promise<void>((done) => (this.#idle = done));
    await this.#handle.close();
  }

  /** By callback: a read through the handle's promise costs twice as much, and tables are read in many small parts. */
  async #readSome(into: Uint8Array, at: number, length: number, position: number): Promise<number> {
    const quick = this.#quick?.tryRead(this.#handle.fd, into.subarray(at, at + length), position);
    if (quick !== undefined) return quick;
    return new Promise((resolve, reject) => {
      read(this.#handle.fd, into, at, length, position, (error, count) => {
        if (error === null) resolve(count);
        else reject(error);
      });
    });
  }
}

/** The size of an open regular file; `source.notFile` for folders and devices. */
export async function regularSize(handle: FileHandle, path: string): Promise<number> {
  return (await regularFile(handle, path)).size;
}

async function regularFile(handle: FileHandle, path: string): Promise<Stats> {
  const stat = await handle.stat();
  if (!stat.isFile()) {
    throw sourceError('source.notFile', `${path} is not a regular file`, { data: { path } });
  }
  return stat;
}

/** Fills `into` from `offset`; `source.range` past `size`, `source.short` where the file ends earlier. */
export async function readFully(
  handle: FileHandle,
  name: string,
  size: number,
  offset: number,
  into: Uint8Array,
): Promise<void> {
  const some = async (at: number, length: number): Promise<number> =>
    (await handle.read(into, at, length, offset + at)).bytesRead;
  await fill({ name, size }, some, offset, into);
}

async function fill(
  file: { readonly name: string; readonly size: number },
  readSome: (at: number, length: number) => Promise<number>,
  offset: number,
  into: Uint8Array,
): Promise<void> {
  checkRead(file, offset, into.length);
  const { name, size } = file;
  let done = 0;
  while (done < into.length) {
    const length = Math.min(into.length - done, MAX_TRANSFER);
    let count: number;
    try {
      count = await readSome(done, length);
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
