/** Items of an enumeration, rendered one by one as answers have room for them. */
export class ItemQueue {
  readonly #items: Iterator<string>;
  #next: string | undefined;
  #ended = false;

  constructor(items: Iterable<string>) {
    this.#items = items[Symbol.iterator]();
  }

  /** Returns the next item without taking it; undefined at the end. */
  peek(): string | undefined {
    if (this.#next === undefined && !this.#ended) {
      const { done, value } = this.#items.next();
      this.#ended = done === true;
      this.#next = done === true ? undefined : value;
    }
    return this.#next;
  }

  /** Takes the next item. */
  take(): string | undefined {
    const item = this.peek();
    this.#next = undefined;
    return item;
  }
}
