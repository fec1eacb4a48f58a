import { closeSync, fstatSync, openSync } from 'node:fs';
import type { Range } from '../base/range.ts';
import { loadKoffi } from './koffi.ts';

/**
 * Finds the parts of a file that contain data. The parts between them are holes, which read as
 * zeros by definition and need not be read: reading 1 TiB of holes in a restored raw disk takes
 * minutes.
 *
 * Linux and macOS use lseek with SEEK_DATA and SEEK_HOLE. A file system without support for holes
 * reports the whole file as data. Not available on other platforms or without koffi.
 */
export interface FileHoles {
  /**
   * Returns the first part with data that ends behind `from`; undefined if the rest of the file is
   * a hole.
   */
  dataAfter(from: number): Range | undefined;
  close(): void;
}

const ENXIO = 6;
type Seek = (fd: number, offset: number, whence: number) => number;

/**
 * Opens a regular file; undefined if the platform does not support it. Throws as `openSync` does if
 * the file cannot be opened.
 */
export function openFileHoles(path: string): FileHoles | undefined {
  if (seeker() === undefined) return undefined;
  const fd = openSync(path, 'r');
  const dataAfter = holesOfDescriptor(fd);
  if (dataAfter === undefined) {
    closeSync(fd);
    return undefined;
  }
  return { dataAfter, close: () => closeSync(fd) };
}

/**
 * Returns the lookup for an open file; undefined if the platform does not support it. It moves the
 * file position, so all reads of that descriptor must be positional.
 */
export function holesOfDescriptor(fd: number): FileHoles['dataAfter'] | undefined {
  const native = seeker();
  if (native === undefined) return undefined;
  const { seek, data, hole, errno } = native;
  if (seek(fd, 0, data) < 0 && errno() !== ENXIO) return undefined;
  const { size } = fstatSync(fd);
  return (from) => {
    const start = seek(fd, from, data);
    if (start >= 0) {
      const end = seek(fd, start, hole);
      return { start, end: end < 0 ? size : end };
    }
    // ENXIO means: behind the last data. Any other failure, or a file that was truncated, must not
    // turn data into a hole.
    const hollow = errno() === ENXIO && fstatSync(fd).size >= size;
    return hollow ? undefined : { start: from, end: size };
  };
}

interface Seeker {
  readonly seek: Seek;
  readonly data: number;
  readonly hole: number;
  readonly errno: () => number;
}

let known: Seeker | null | undefined;

function seeker(): Seeker | undefined {
  known ??= loadSeeker() ?? null;
  return known ?? undefined;
}

function loadSeeker(): Seeker | undefined {
  const { platform } = process;
  if (platform !== 'linux' && platform !== 'darwin') return undefined;
  const koffi = loadKoffi();
  if (koffi instanceof Error) return undefined;
  const lseek = koffi.load(null).func('int64_t lseek(int fd, int64_t offset, int whence)');
  const seek: Seek = (fd, offset, whence) => Number(lseek(fd, offset, whence));
  // Linux and macOS number SEEK_DATA and SEEK_HOLE in opposite order.
  const [data, hole] = platform === 'linux' ? [3, 4] : [4, 3];
  return { seek, data, hole, errno: () => koffi.errno() };
}
