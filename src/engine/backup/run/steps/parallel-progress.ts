import { regroup, type Progress } from '../../../base/progress.ts';

/** Progress of one of several tasks that run at the same time. */
export interface PartProgress extends Progress {
  /** The task is done, or failed. */
  end(): void;
}

interface Part {
  name: string;
  total: number;
  share: number;
  done: number;
  running: boolean;
}

/**
 * Combines tasks that run at the same time into one phase: the names of the running tasks, and
 * their total bytes since the last time when none ran.
 */
export class ParallelProgress {
  readonly #progress: Progress;
  #parts: Part[] = [];

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  begin(): PartProgress {
    const part: Part = { name: '', total: 0, share: 0, done: 0, running: true };
    return {
      phase: (name, total, share = total) => {
        Object.assign(part, { name, total, share, done: 0 });
        const first = this.#parts.length === 0;
        if (!this.#parts.includes(part)) this.#parts.push(part);
        if (first) this.#progress.phase(name, total, share);
        else this.#show();
      },
      advance: (bytes) => {
        part.done += bytes;
        this.#progress.advance(bytes);
      },
      note: (text) => this.#progress.note(text),
      end: () => {
        part.running = false;
        if (this.#parts.some(({ running }) => running)) this.#show();
        else this.#parts = [];
      },
    };
  }

  #show(): void {
    const sum = (of: (part: Part) => number): number =>
      this.#parts.reduce((all, part) => all + of(part), 0);
    const names = this.#parts.flatMap(({ name, running }) => (running ? [name] : []));
    const [total, share] = [sum((part) => part.total), sum((part) => part.share)];
    regroup(
      this.#progress,
      names,
      total,
      share,
      sum((part) => part.done),
    );
  }
}
