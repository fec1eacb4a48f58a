/** Readers together, writers alone, in the order of their calls. */
export class ReadWriteLock {
  #writer: Promise<unknown> = Promise.resolve();
  readonly #readers = new Set<Promise<unknown>>();

  read<T>(task: () => Promise<T>): Promise<T> {
    const run = this.#writer.then(task);
    const settled = run.catch(() => undefined).finally(() => this.#readers.delete(settled));
    this.#readers.add(settled);
    return run;
  }

  write<T>(task: () => Promise<T>): Promise<T> {
    const before = Promise.all([this.#writer, ...this.#readers]);
    const run = before.then(task);
    this.#writer = run.catch(() => undefined);
    return run;
  }
}
