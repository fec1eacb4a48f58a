import { newGuid } from '../../base/guid.ts';

/** Something that keeps a file open for a view. */
interface Closable {
  close(): Promise<void>;
}

/**
 * Files that views have open, by ID, up to a maximum: then the least recently used one is closed, and
 * its view opens it again on its next request.
 */
export class OpenFiles<T extends Closable> {
  /** Least recently used first. */
  readonly #open = new Map<string, T>();
  readonly #most: number;
  readonly #notOpen: (id: string) => Error;

  /** @param notOpen the error for an ID whose file is closed. */
  constructor(most: number, notOpen: (id: string) => Error) {
    this.#most = most;
    this.#notOpen = notOpen;
  }

  /** Keeps a file that was just opened, and returns its ID. Closes it if the caller was cancelled. */
  async keep(opened: T, signal: AbortSignal): Promise<string> {
    // A cancelled caller never receives the ID, so it cannot close the file.
    if (signal.aborted) await opened.close();
    signal.throwIfAborted();
    const id = newGuid();
    this.#open.set(id, opened);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= this.#most) break;
      await this.close(oldest);
    }
    return id;
  }

  /** Throws the error of `notOpen`. */
  get(id: string): T {
    const opened = this.#open.get(id);
    if (opened === undefined) throw this.#notOpen(id);
    this.#open.delete(id);
    this.#open.set(id, opened);
    return opened;
  }

  /** Closes a file; does nothing if it is not open. */
  async close(id: string): Promise<void> {
    const opened = this.#open.get(id);
    this.#open.delete(id);
    await opened?.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)));
  }
}
