import { readSync } from 'node:fs';
import { QuickCalls } from './quick-calls.ts';

/**
 * Reads small parts of local files on this thread while they come out of the system's cache ({@link QuickCalls}): tables of chains are
 * read in many thousands of small parts. Files of network file systems, which may not answer for minutes, are never read here.
 */
export class QuickReads {
  readonly #calls: QuickCalls;
  readonly #read: ReadCalls['read'];

  /** @param calls of the system, which a test replaces. */
  constructor({ read, now }: ReadCalls = SYSTEM) {
    this.#calls = new QuickCalls(now);
    this.#read = read;
  }

  /** Fills as much of `into` as the file has; undefined if the caller has to read in another way. */
  tryRead(fd: number, into: Uint8Array, position: number): number | undefined {
    return this.#calls.tryCall(into.length, () => this.#read(fd, into, position));
  }
}

/** System calls of quick reads. */
export interface ReadCalls {
  /** Fills as much of `into` as the file has; returns the number of bytes. */
  readonly read: (fd: number, into: Uint8Array, position: number) => number;
  /** Milliseconds of any clock that never goes back. */
  readonly now?: () => number;
}

const SYSTEM: ReadCalls = {
  read: (fd, into, position) => readSync(fd, into, 0, into.length, position),
};
