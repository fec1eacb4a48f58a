import {
  close,
  closeSync,
  constants,
  fstat,
  fstatSync,
  open,
  openSync,
  read,
  type Stats,
} from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { holesOfDescriptor } from '../../native/file-holes.ts';
import type { BorrowedFile, ByteSource, DataAfter } from '../byte-source.ts';
import { fileError } from '../platform/file-errors.ts';
import { isLocal } from './local-files.ts';
import { mayStayOnThread } from './quick-calls.ts';
import { QuickReads } from './quick-reads.ts';
import { checkRead } from '../read-check.ts';
import { sourceError } from '../source-errors.ts';

/** Maximum size of a single read: the system calls take 31-bit lengths. */
const MAX_TRANSFER = 1 << 30;

/**
 * O_NONBLOCK: opening a named pipe would wait for its writer, and no signal ends that wait. The
 * flag has no effect on regular files, and Windows does not have it.
 */
const READ = constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK);

const calls = { open: promisify(open), fstat: promisify(fstat), close: promisify(close) };

export interface OpenFileOptions {
  /**
   * The file lies in a local folder ({@link isLocal}), so opening it does not wait for a network.
   */
  readonly local?: boolean;
}

/** A file that is read at offsets. Its size is read once, on opening. */
export class FileSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #fd: number;
  readonly #quick: QuickReads | undefined;
  #closing: Promise<void> | undefined;
  /**
   * Number of running reads. The descriptor is closed after the last of them, since it may then be
   * reused for another file.
   */
  #running = 0;
  #idle: (() => void) | undefined;

  private constructor(name: string, size: number, fd: number, local: boolean) {
    this.name = name;
    this.size = size;
    this.#fd = fd;
    this.#quick = local ? new QuickReads() : undefined;
  }

  /**
   * Opens a file for reading. Throws `source.notFound`, `source.denied`, `source.busy`,
   * `source.notFile`, `source.io`.
   */
  static async open(
    path: string,
    signal: AbortSignal,
    { local = false }: OpenFileOptions = {},
  ): Promise<FileSource> {
    signal.throwIfAborted();
    try {
      const here = local && mayStayOnThread();
      const fd = here ? openSync(path, READ) : await calls.open(path, READ);
      try {
        const stat = here ? fstatSync(fd) : await calls.fstat(fd);
        const { size, dev } = regularFile(stat, path);
        // Checks the file itself: a network file system may be mounted inside a local folder.
        return new FileSource(path, size, fd, await isLocal(path, dev));
      } catch (error) {
        await calls.close(fd);
        throw error;
      }
    } catch (error) {
      throw fileError(error, 'open', path);
    }
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#closing !== undefined) throw sourceError('source.closed', `${this.name} is closed`);
    this.#running++;
    try {
      await fill(this, (at, length) => this.#readSome(into, at, length, offset + at), offset, into);
    } finally {
      if (--this.#running === 0) this.#idle?.();
    }
  }

  readNow(offset: number, into: Uint8Array): boolean {
    const { length } = into;
    if (this.#closing !== undefined || offset < 0 || offset + length > this.size) return false;
    try {
      return this.#quick?.tryRead(this.#fd, into, offset) === length;
    } catch {
      // `read` reports the error.
      return false;
    }
  }

  holes(): DataAfter | undefined {
    // Not for network file systems: the lookup would block this thread while it waits for them.
    if (this.#closing !== undefined || this.#quick === undefined) return undefined;
    const dataAfter = holesOfDescriptor(this.#fd);
    // A closed descriptor may be reused for another file; report nothing then.
    return (
      dataAfter &&
      ((from) => (this.#closing === undefined ? dataAfter(from) : { start: from, end: this.size }))
    );
  }

  borrow(): BorrowedFile | undefined {
    if (this.#closing !== undefined) return undefined;
    this.#running++;
    const release = (): void => {
      if (--this.#running === 0) this.#idle?.();
    };
    return { fd: this.#fd, name: this.name, local: this.#quick !== undefined, release };
  }

  /** Closes the file after the last running read. Every call waits for that. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((done) => (this.#idle = done));
    // A file opened for reading has nothing to flush.
    if (this.#quick !== undefined && mayStayOnThread()) closeSync(this.#fd);
    else await calls.close(this.#fd);
  }

  /**
   * Uses the callback API: a read through a handle's promise costs twice as much, and tables are
   * read in many small parts.
   */
  async #readSome(into: Uint8Array, at: number, length: number, position: number): Promise<number> {
    const quick = this.#quick?.tryRead(this.#fd, into.subarray(at, at + length), position);
    if (quick !== undefined) return quick;
    return new Promise((resolve, reject) => {
      read(this.#fd, into, at, length, position, (error, count) => {
        if (error === null) resolve(count);
        else reject(error);
      });
    });
  }
}

/** Returns the size of an open regular file. Throws `source.notFile` for folders and devices. */
export async function regularSize(handle: FileHandle, path: string): Promise<number> {
  return regularFile(await handle.stat(), path).size;
}

function regularFile(stat: Stats, path: string): Stats {
  if (!stat.isFile()) {
    throw sourceError('source.notFile', `${path} is not a regular file`, { data: { path } });
  }
  return stat;
}

/**
 * Fills `into` from `offset`. Throws `source.range` past `size`, `source.short` if the file ends
 * earlier.
 */
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
        `${name} ends at ${offset + done}; expected ${size} bytes`,
        {
          data: { name, offset: offset + done, size },
        },
      );
    }
    done += count;
  }
}
