/** Result of a look at something. */
export type Outcome = 'changed' | 'same' | 'failed';

const GROWTH = { changed: 0, same: 1.5, failed: 2 } as const;
/** A look that took a second is followed by a pause of this many: a slow host is not made slower. */
const REST_PER_LOOK = 20;

/**
 * Pauses between looks at something that may change, in milliseconds: the shortest after a change or an action of the person, longer
 * each time that nothing changed, or that the look was slow or failed.
 */
export class Pace {
  readonly #shortest: () => number;
  readonly #longest: number;
  #pause: number;

  /** @param shortest is asked each time: it may be a setting. */
  constructor(shortest: () => number, longest: number) {
    this.#shortest = shortest;
    this.#longest = longest;
    this.#pause = shortest();
  }

  get pause(): number {
    const shortest = this.#shortest();
    return Math.min(Math.max(this.#pause, shortest), Math.max(this.#longest, shortest));
  }

  /** @param tookMs duration of the look. */
  looked(outcome: Outcome, tookMs: number): void {
    const grown = this.pause * GROWTH[outcome];
    this.#pause = Math.min(Math.max(grown, tookMs * REST_PER_LOOK), this.#longest);
  }

  /** Begins again with the shortest pause. */
  hasten(): void {
    this.#pause = 0;
  }
}
