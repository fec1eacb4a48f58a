import type { FileHandle } from 'node:fs/promises';
import type { FileEnvironment } from '../platform/file-environment.ts';
import { QuickCalls } from './quick-calls.ts';

/**
 * Writes small parts of local files on this thread while the system's cache takes them at once ({@link QuickCalls}): an increment of
 * scattered changes is a hundred thousand of them. A slow one, as when the system waits for a disk that does not keep up, sends the
 * next ones to other threads.
 */
export class QuickWrites {
  readonly #calls: QuickCalls;
  readonly #write: WriteNow;

  constructor(write: WriteNow, now?: () => number) {
    this.#calls = new QuickCalls(now);
    this.#write = write;
  }

  /** Writes as much of `bytes` as one call takes; undefined if the caller has to write in another way. Throws the system's error. */
  tryWrite(handle: FileHandle, bytes: Uint8Array, position: number): number | undefined {
    // A closed handle has no number any more; the number that it had may be another file's.
    if (handle.fd < 0) return undefined;
    return this.#calls.tryCall(bytes.length, () => this.#write(handle, bytes, position));
  }
}

type WriteNow = NonNullable<FileEnvironment['writeNow']>;
