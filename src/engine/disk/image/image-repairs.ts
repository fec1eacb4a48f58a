import type { EngineError } from '../../base/errors.ts';
import type { ByteStorage } from '../../source/byte-source.ts';

/** A defect that is repaired. */
export interface RepairStep {
  /** Code of the broken rule, as `disk check` names it. */
  readonly code: string;
  /** Offset of its first place in the file, in bytes. */
  readonly offset: number;
  /** Action, as a sentence that begins with a verb, without a full stop. */
  readonly what: string;
}

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
