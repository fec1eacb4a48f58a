import type { Range } from '../../base/range.ts';

type Source = AsyncIterator<Range> | Iterator<Range>;

/** Iterates over ordered ranges once, up to increasing positions. */
export class RangeCursor {
  readonly #source: Source;
  #next: Range | undefined;
  #ended = false;

  constructor(ranges: AsyncIterable<Range> | Iterable<Range>) {
    this.#source =
      Symbol.asyncIterator in ranges ? ranges[Symbol.asyncIterator]() : ranges[Symbol.iterator]();
  }

  /**
   * Returns the ranges that begin before `end` and were not fully returned earlier. A range that
   * continues after `end` is returned again.
   */
  async before(end: number): Promise<readonly Range[]> {
    const out: Range[] = [];
    for (;;) {
      if (this.#next === undefined) await this.#advance();
      const next = this.#next;
      if (next === undefined || next.start >= end) return out;
      out.push(next);
      if (next.end > end) return out;
      this.#next = undefined;
    }
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.#source.return?.();
  }

  async #advance(): Promise<void> {
    if (this.#ended) return;
    const step = this.#source.next();
    const { done, value } = step instanceof Promise ? await step : step;
    this.#ended = done === true;
    this.#next = done === true ? undefined : value;
  }
}
