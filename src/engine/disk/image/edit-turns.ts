import type { EngineError } from '../../base/errors.ts';

/**
 * The order of an editor's calls: they may overlap and run one after another. After a failed step
 * memory and file may differ, so no further call runs.
 */
export class EditTurns {
  readonly #refused: (failed: boolean) => EngineError;
  #queue: Promise<unknown> = Promise.resolve();
  #state: 'open' | 'failed' | 'closed' = 'open';

  /** @param refused makes the error of a call after a failure, or after the end */
  constructor(refused: (failed: boolean) => EngineError) {
    this.#refused = refused;
  }

  /** Runs a call when those before it have ended. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => {
      if (this.#state !== 'open') throw this.#refused(this.#state === 'failed');
      return task();
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Runs a part of a call that changes the file. */
  async step(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.#state = 'failed';
      throw error;
    }
  }

  /** Waits for all calls, then runs the last step; not after a failure. */
  async end(last: () => Promise<void>): Promise<void> {
    await this.#queue;
    if (this.#state === 'open') await this.step(last);
    this.#state = 'closed';
  }
}
