import type { JobProgress } from '../../api/jobs.ts';
import type { Progress } from '../../base/progress.ts';

/** Counts what a job reports, for its state: bytes of the phase, and speed over the last few seconds. */
export class JobCounter implements Progress {
  #phase = '';
  #done = 0;
  #total = 0;
  /** Times and counts of the last seconds, the oldest first. */
  #marks: { readonly at: number; readonly done: number }[] = [];
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  phase(name: string, total: number): void {
    this.#phase = name;
    this.#done = 0;
    this.#total = total;
    this.#marks = [{ at: this.#now(), done: 0 }];
  }

  advance(bytes: number): void {
    this.#done += bytes;
  }

  note(text: string): void {
    this.#phase = text;
  }

  /** null before the first phase. */
  read(): JobProgress | null {
    if (this.#phase === '') return null;
    const at = this.#now();
    this.#marks.push({ at, done: this.#done });
    while (this.#marks.length > 2 && at - (this.#marks[0]?.at ?? at) > SPEED_MS)
      this.#marks.shift();
    const first = this.#marks[0] ?? { at, done: this.#done };
    const seconds = (at - first.at) / 1000;
    const bytesPerSecond = seconds > 0 ? Math.round((this.#done - first.done) / seconds) : 0;
    return { phase: this.#phase, done: this.#done, total: this.#total, bytesPerSecond };
  }
}

const SPEED_MS = 5000;
