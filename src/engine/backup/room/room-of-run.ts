import { Semaphore } from '../../base/semaphore.ts';
import type { Store } from '../store/contract/store.ts';
import {
  filesAllocated,
  filesLength,
  requireRoom,
  type DiskFiles,
  type RoomWarning,
} from './require-room.ts';

/** Space promised to a disk until its files are written. */
export interface RoomClaim {
  readonly warnings: readonly RoomWarning[];
  /** Ends the claim. @param kept whether the files stay; otherwise their space is free again. */
  release(kept: boolean): void;
}

/**
 * The space for disks of one run that are written at the same time. Space promised to one disk is
 * not free for the next, even if it is not written yet.
 */
export class RoomOfRun {
  readonly #store: Store;
  /** Several disks are in progress at once; a single disk is only compared with the free space. */
  readonly #shared: boolean;
  readonly #one = new Semaphore(1);
  #running = 0;
  /** Free bytes when the first of the current disks got its claim, and the bytes promised since. */
  #free = 0;
  #promised = 0;

  constructor(store: Store, shared: boolean) {
    this.#store = store;
    this.#shared = shared;
  }

  /**
   * Claims space for the files of a disk. Throws `store.space` if they do not fit beside those that
   * are being written.
   */
  claim(files: DiskFiles, signal: AbortSignal): Promise<RoomClaim> {
    return this.#one.run(async () => {
      const free = await this.#store.freeBytes(signal);
      if (free === undefined) return { warnings: [], release: () => undefined };
      if (this.#running === 0) {
        this.#free = free;
        this.#promised = 0;
      }
      const left = Math.min(free, Math.max(0, this.#free - this.#promised));
      const length = await filesLength(files);
      const warnings = await requireRoom(this.#store, files, length, left, signal);
      const need = this.#shared ? await this.#need(files, length, signal) : 0;
      this.#promised += need;
      this.#running++;
      const release = (kept: boolean): void => {
        this.#running--;
        if (!kept) this.#promised -= need;
      };
      return { warnings, release };
    }, signal);
  }

  /** Bytes that the files take: less than their length if gaps take no space. */
  async #need(files: DiskFiles, length: number, signal: AbortSignal): Promise<number> {
    if (!(await this.#store.hasSparseFiles(signal))) return length;
    return Math.min(length, await filesAllocated(files));
  }
}
