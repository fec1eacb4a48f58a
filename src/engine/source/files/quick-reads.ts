import { readSync } from 'node:fs';
import { QuickCalls, type CallClock } from './quick-calls.ts';

/** The part of a block table that a window of a deep chain needs: copied in some 20 to 50 µs. */
const MAX_LENGTH = 256 * 1024;

/**
 * Reads small parts of local files on this thread as long as they come from the system's cache
 * ({@link QuickCalls}): tables of chains are read in many thousands of small parts. Never reads
 * files of network file systems, which may not answer for minutes.
 */
export class QuickReads {
  readonly #calls: QuickCalls;
  readonly #read: ReadCalls['read'];

  /** @param calls system calls, which tests replace. */
  constructor({ read, clock }: ReadCalls = SYSTEM) {
    this.#calls = new QuickCalls(MAX_LENGTH, clock);
    this.#read = read;
  }

  /** Fills `into` up to the end of the file; undefined if the caller must read in another way. */
  tryRead(fd: number, into: Uint8Array, position: number): number | undefined {
    return this.#calls.tryCall(into.length, () => this.#read(fd, into, position));
  }
}

/** System calls of quick reads. */
export interface ReadCalls {
  /** Fills `into` up to the end of the file; returns the number of bytes. */
  readonly read: (fd: number, into: Uint8Array, position: number) => number;
  readonly clock?: CallClock;
}

const SYSTEM: ReadCalls = {
  read: (fd, into, position) => readSync(fd, into, 0, into.length, position),
};
