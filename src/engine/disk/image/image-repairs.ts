import type { RepairStep } from '../../api/disk-check.ts';
import type { EngineError } from '../../base/errors.ts';
import type { ByteStorage } from '../../source/byte-source.ts';

/** An image that is repaired in memory; the file changes later, if at all. */
export interface RepairStorage extends ByteStorage {
  /** Runs `work`; if it throws an engine's error, removes its writes and returns the error. */
  attempt<T>(work: () => Promise<T>): Promise<T | EngineError>;
}

/** Repairs of one format that need no guess: what is written is proven by the rest of the file. */
export interface ImageRepairs {
  /** Repairs the file by itself. Returns what was repaired, in the order of the structures. */
  repair(storage: RepairStorage, signal: AbortSignal): Promise<readonly RepairStep[]>;
  /**
   * Adds the relative path of its parent to a child that names it by other paths only.
   * @param relativePath from the child's folder, in the separators of this system
   */
  nameParent?(
    storage: RepairStorage,
    relativePath: string,
    signal: AbortSignal,
  ): Promise<RepairStep>;
}
