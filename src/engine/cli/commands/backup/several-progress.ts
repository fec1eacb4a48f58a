import { noProgress, type Progress } from '../../../base/progress.ts';

/** One line for several jobs at once: how many have ended, and the bytes of all. */
export class SeveralProgress {
  readonly #progress: Progress;
  readonly #all: number;
  #ended = 0;
  #bytes = 0;

  constructor(progress: Progress, all: number) {
    this.#progress = progress;
    this.#all = all;
    if (progress !== noProgress) this.#draw();
  }

  /** Progress of one of them. */
  ofOne(): Progress {
    if (this.#progress === noProgress) return noProgress;
    return {
      ...noProgress,
      advance: (bytes) => {
        this.#bytes += bytes;
        this.#progress.advance(bytes);
      },
    };
  }

  ended(): void {
    this.#ended++;
    if (this.#progress !== noProgress) this.#draw();
  }

  #draw(): void {
    const name = `${this.#ended} of ${this.#all} VMs`;
    if (this.#progress.regroup === undefined) this.#progress.phase(name, 0);
    else this.#progress.regroup([name], 0, 0, this.#bytes);
  }
}
