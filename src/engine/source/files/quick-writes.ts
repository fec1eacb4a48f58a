import type { FileHandle } from 'node:fs/promises';
import type { FileEnvironment } from '../platform/file-environment.ts';
import { QuickCalls, type CallClock } from './quick-calls.ts';

const MAX_LENGTH = 64 * 1024;

/**
 * Writes small parts of local files on this thread as long as the system's cache accepts them at
 * once ({@link QuickCalls}): an increment of scattered changes has a hundred thousand of them.
 * After a slow write, such as one that waits for an overloaded disk, the next ones go to other
 * threads.
 */
export class QuickWrites {
  readonly #calls: QuickCalls;
  readonly #write: WriteNow;

  constructor(write: WriteNow, clock?: CallClock) {
    this.#calls = new QuickCalls(MAX_LENGTH, clock);
    this.#write = write;
  }

  /**
   * Writes as much of `bytes` as one call accepts; undefined if the caller must write in another
   * way. Throws the system's error.
   */
  tryWrite(handle: FileHandle, bytes: Uint8Array, position: number): number | undefined {
    // A closed handle no longer has a descriptor; its old number may have been reused for another
    // file.
    if (handle.fd < 0) return undefined;
    return this.#calls.tryCall(bytes.length, () => this.#write(handle, bytes, position));
  }
}

type WriteNow = NonNullable<FileEnvironment['writeNow']>;
