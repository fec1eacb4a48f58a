import { readSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';

/**
 * Reads small parts of local files on this thread while they come out of the system's cache. To hand a read to another thread
 * and back costs 10 to 50 µs, ten times the read itself, and tables of chains are read in many thousands of small parts.
 *
 * The thread must stay free for everything else: as soon as a read was slow the next ones go to other threads, several at a time;
 * every few milliseconds one does anyway, so that timers, signals and requests have their turn; and files of network file
 * systems, which may not answer for minutes, are never read here.
 */
export class QuickReads {
  readonly #calls: QuickCalls;
  /** Reads that still go to other threads because one was slow. */
  #cold = 0;

  /** @param calls of the system, which a test replaces. */
  constructor(calls: QuickCalls = SYSTEM) {
    this.#calls = calls;
  }

  /** Fills as much of `into` as the file has; undefined if the caller has to read in another way. */
  tryRead(fd: number, into: Uint8Array, position: number): number | undefined {
    if (into.length > MAX_LENGTH) return undefined;
    if (this.#cold > 0) {
      this.#cold--;
      return undefined;
    }
    if (!mayStayOnThread()) return undefined;
    const { read, now } = this.#calls;
    const start = now();
    const count = read(fd, into, position);
    if (now() - start > SLOW_MS) this.#cold = COLD_READS;
    return count;
  }
}

/** System calls of quick reads. */
export interface QuickCalls {
  /** Fills as much of `into` as the file has; returns the number of bytes. */
  readonly read: (fd: number, into: Uint8Array, position: number) => number;
  /** Milliseconds of any clock that never goes back. */
  readonly now: () => number;
}

const SYSTEM: QuickCalls = {
  read: (fd, into, position) => readSync(fd, into, 0, into.length, position),
  now: () => performance.now(),
};

const MAX_LENGTH = 64 * 1024;
/** A read from the cache takes a twentieth of it. */
const SLOW_MS = 0.2;
const COLD_READS = 32;
const MAX_BUSY_MS = 8;

/** When the event loop last came round, as far as it is known here. */
let lastTurn = -Infinity;
let awaited = false;

/** Whether a short call may be made on this thread: it has been kept from its event loop for a few milliseconds at most. */
export function mayStayOnThread(): boolean {
  if (performance.now() - lastTurn <= MAX_BUSY_MS) return true;
  if (!awaited) {
    awaited = true;
    setImmediate(() => {
      awaited = false;
      lastTurn = performance.now();
    });
  }
  return false;
}

/** Type numbers of file systems whose data lies in this machine (Linux, statfs(2)). */
const LOCAL = new Set([
  0xef53, // ext2 to ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
]);
/** By device number: file systems are asked once, if they lie on a device. */
const known = new Map<number, boolean>();

/** Major number 0: a file system without a device (tmpfs, Btrfs, but NFS too). Once unmounted, the next mount may have its number. */
const isAnonymous = (device: number): boolean => Math.floor(device / 256) % 4096 === 0;

/** Whether a folder of this machine holds what lies at `path`; false if that is not known. */
export async function isLocalFolder(path: string): Promise<boolean> {
  try {
    return await isLocal(path, (await stat(path)).dev);
  } catch {
    return false;
  }
}

/** Whether the file at `path`, on this device, is read from a file system in this machine; false if that is not known. */
export async function isLocal(path: string, device: number): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  let local = known.get(device);
  if (local === undefined) {
    local = await statfs(path).then(
      ({ type }) => LOCAL.has(type),
      () => false,
    );
    if (!isAnonymous(device)) known.set(device, local);
  }
  return local;
}
