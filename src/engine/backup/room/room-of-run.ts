import { Semaphore } from '../../base/semaphore.ts';
import type { Store } from '../store/contract/store.ts';
import {
  filesAllocated,
  filesLength,
  requireRoom,
  type DiskFiles,
  type RoomWarning,
} from './require-room.ts';

/** Room that a disk was promised, until its files are written. */
export interface RoomClaim {
  readonly warnings: readonly RoomWarning[];
  /** @param kept whether the files stay: else their room is free again. */
  release(kept: boolean): void;
}

/**
 * The room of the disks of one run that are written at the same time. What the others were promised is not free for the next,
 * although they have not written it yet.
 */
export class RoomOfRun {
  readonly #store: Store;
  /** Several disks are under way at once; a disk alone is only compared with what is free. */
  readonly #shared: boolean;
  readonly #one = new Semaphore(1);
  #running = 0;
  /** Free bytes when the first of the disks that run was promised its room, and what they were promised since. */
  #free = 0;
  #promised = 0;

  constructor(store: Store, shared: boolean) {
    this.#store = store;
    this.#shared = shared;
  }

  /** Throws `store.space` if the files do not fit beside those that are being written. */
  claim(files: DiskFiles, signal: AbortSignal): Promise<RoomClaim> {
    return this.#one.run(async () => {
      const free = await this.#store.freeBytes(signal);
      if (free === undefined) return { warnings: [], release: () => undefined };
      if (this.#running === 0) {
        this.#free = free;
        this.#promised = 0;
      }
      const left = Math.min(free, Math.max(0, this.#free - this.#promised));
      const warnings = await requireRoom(this.#store, files, left, signal);
      const need = this.#shared ? await this.#need(files, signal) : 0;
      this.#promised += need;
      this.#running++;
      const release = (kept: boolean): void => {
        this.#running--;
        if (!kept) this.#promised -= need;
      };
      return { warnings, release };
    }, signal);
  }

  async #need(files: DiskFiles, signal: AbortSignal): Promise<number> {
    const length = await filesLength(files);
    if (!(await this.#store.hasSparseFiles(signal))) return length;
    return Math.min(length, await filesAllocated(files));
  }
}
