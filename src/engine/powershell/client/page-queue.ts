/** Values that one side adds and the other takes in order. */
export class PageQueue<T> implements AsyncIterable<T> {
  readonly #values: T[] = [];
  #finished = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  #abandoned = false;

  /** The side that takes has stopped. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  add(value: T): void {
    this.#values.push(value);
    this.#wake?.();
  }

  end(): void {
    this.#finished = true;
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.end();
  }

  abandon(): void {
    this.#abandoned = true;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const next = this.#values.shift();
      if (next !== undefined) yield next;
      else if (this.#finished) break;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
