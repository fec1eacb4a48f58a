import { closeSync, fstatSync, openSync } from 'node:fs';
import type { Range } from '../base/range.ts';
import { loadKoffi } from './koffi.ts';

/**
 * Tells which parts of a file the file system holds data for. What lies between them are holes, which read as zeros by
 * definition, so they need no reading: 1 TiB of holes in a restored raw disk takes minutes to read.
 *
 * Linux and macOS: lseek with SEEK_DATA and SEEK_HOLE. A file system that does not know holes reports the whole file as
 * data. Elsewhere, and without koffi, there is no answer.
 */
export interface FileHoles {
  /** The first part with data that ends behind `from`; undefined if there are only holes up to the end. */
  dataAfter(from: number): Range | undefined;
  close(): void;
}

const ENXIO = 6;
type Seek = (fd: number, offset: number, whence: number) => number;

/** Opens a regular file; undefined if the platform cannot tell. Fails like `openSync` if the file cannot be opened. */
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

/** The same of a file that is open, and that nobody reads from where it stands; undefined if the platform cannot tell. */
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
    // Fails with ENXIO behind the last data. Any other failure must never turn data into a hole, nor may a file that was cut.
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
  // The two systems number them the other way round.
  const [data, hole] = platform === 'linux' ? [3, 4] : [4, 3];
  return { seek, data, hole, errno: () => koffi.errno() };
}
