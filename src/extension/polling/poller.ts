import type { Outcome, Pace } from './pace.ts';

interface PollerParts {
  /** Must not throw. */
  readonly look: () => Promise<Outcome>;
  readonly pace: Pace;
  /** Whether anybody looks at what is polled. */
  readonly watched: () => boolean;
}

/** Looks at one thing again and again while it is watched. Looks never overlap. */
export class Poller {
  readonly #parts: PollerParts;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #disposed = false;
  /** End of the last look; the first pause is counted from the start. */
  #lookedAt = Date.now();

  constructor(parts: PollerParts) {
    this.#parts = parts;
    this.update();
  }

  /** Watching began or ended, or the pauses changed. What is overdue is looked at now. */
  update(): void {
    clearTimeout(this.#timer);
    const { pace, watched } = this.#parts;
    if (this.#disposed || this.#looking || !watched()) return;
    const due = this.#lookedAt + pace.pause - Date.now();
    if (due <= 0) void this.#look();
    else this.#timer = setTimeout(() => void this.#look(), due);
  }

  /** The person did something: from here on the pauses are short. */
  hasten(): void {
    this.#parts.pace.hasten();
    this.update();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const begun = Date.now();
    this.#looking = true;
    const outcome = await this.#parts.look();
    this.#looking = false;
    this.#lookedAt = Date.now();
    this.#parts.pace.looked(outcome, this.#lookedAt - begun);
    this.update();
  }
}
