import type { JobProgress } from '../../api/jobs.ts';
import type { Progress } from '../../base/progress.ts';

interface Mark {
  readonly at: number;
  readonly done: number;
}

/**
 * Collects the progress of a job for its state: the bytes of the phase with their speed, and the
 * completed share of the whole job.
 */
export class JobCounter implements Progress {
  #phase = '';
  #done = 0;
  #total = 0;
  /** Bytes of the whole job that belong to the phase, and those of the phases before it. */
  #share = 0;
  #before = 0;
  #whole = 0;
  #fraction = 0;
  /**
   * Times and counts of the last seconds, oldest first: bytes of the phase, and shares of the whole
   * job.
   */
  #marks: Mark[] = [];
  #fractions: Mark[] = [];
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  phase(name: string, total: number, share = total): void {
    this.#before += this.#share;
    this.#share = share;
    this.#phase = name;
    this.#done = 0;
    this.#total = total;
    this.#marks = [{ at: this.#now(), done: 0 }];
  }

  regroup(names: readonly string[], total: number, share: number, done: number): void {
    this.#phase = names.join(', ');
    this.#total = total;
    this.#share = share;
    this.#done = done;
  }

  whole(bytes: number): void {
    this.#whole = bytes;
    this.#before = 0;
    this.#share = 0;
    this.#fraction = 0;
    this.#fractions = [{ at: this.#now(), done: 0 }];
  }

  advance(bytes: number): void {
    this.#done += bytes;
  }

  note(text: string): void {
    this.#phase = text;
  }

  /** Returns the progress; null before the first phase. */
  read(): JobProgress | null {
    if (this.#phase === '') return null;
    const at = this.#now();
    const bytesPerSecond = Math.round(speedOf(this.#marks, { at, done: this.#done }, SPEED_MS));
    return {
      phase: this.#phase,
      done: this.#done,
      total: this.#total,
      bytesPerSecond,
      ...this.#readWhole(at),
    };
  }

  #readWhole(at: number): Pick<JobProgress, 'percent' | 'secondsLeft'> {
    if (this.#whole <= 0) return { percent: null, secondsLeft: null };
    const part = this.#total > 0 ? Math.min(1, this.#done / this.#total) : 0;
    const now = (this.#before + this.#share * part) / this.#whole;
    // A disk that restarts as a full does not reduce the displayed progress.
    this.#fraction = Math.min(1, Math.max(this.#fraction, now));
    const speed = speedOf(this.#fractions, { at, done: this.#fraction }, LEFT_MS);
    const [first] = this.#fractions;
    const known = speed > 0 && at - (first?.at ?? at) >= KNOWN_MS && this.#fraction < 1;
    return {
      percent: Math.min(99, Math.floor(this.#fraction * 100)),
      secondsLeft: known ? Math.ceil((1 - this.#fraction) / speed) : null,
    };
  }
}

/**
 * Adds a mark, drops marks older than the window, and returns the speed over the window, per
 * second.
 */
function speedOf(marks: Mark[], mark: Mark, windowMs: number): number {
  marks.push(mark);
  while (marks.length > 2 && mark.at - (marks[0]?.at ?? mark.at) > windowMs) marks.shift();
  const first = marks[0] ?? mark;
  const seconds = (mark.at - first.at) / 1000;
  return seconds > 0 ? (mark.done - first.done) / seconds : 0;
}

const SPEED_MS = 5000;
/**
 * Window for estimating the remaining time, in milliseconds, and the part of it that is required
 * for an estimate.
 */
const LEFT_MS = 30_000;
const KNOWN_MS = 3000;
