import { formatBytes } from '../../base/format-bytes.ts';
import type { Progress } from '../../base/progress.ts';

const EVERY_MS = 100;

/** Draws one line on a terminal, at most ten times a second, and clears it at the end. */
export class ProgressBar implements Progress {
  readonly #write: (text: string) => void;
  readonly #columns: number;
  readonly #ascii: boolean;
  #name = '';
  #total = 0;
  #done = 0;
  #started = 0;
  #drawn = 0;
  #shown = false;

  constructor(write: (text: string) => void, columns: number, ascii: boolean) {
    this.#write = write;
    this.#columns = columns;
    this.#ascii = ascii;
  }

  phase(name: string, total: number): void {
    this.#name = name;
    this.#total = total;
    this.#done = 0;
    this.#started = Date.now();
    this.#drawn = 0;
    this.#draw();
  }

  regroup(names: readonly string[], total: number, _share: number, done: number): void {
    this.#name = names.join(', ');
    this.#total = total;
    this.#done = done;
    this.#draw();
  }

  advance(bytes: number): void {
    this.#done += bytes;
    this.#draw();
  }

  note(text: string): void {
    this.clear();
    this.#write(`${text}\n`);
  }

  /** Removes the line. */
  clear(): void {
    if (!this.#shown) return;
    this.#write(`\r${' '.repeat(Math.max(0, this.#columns - 1))}\r`);
    this.#shown = false;
  }

  #draw(): void {
    const now = Date.now();
    if (now - this.#drawn < EVERY_MS) return;
    this.#drawn = now;
    this.#shown = true;
    const line = this.#line(now).slice(0, Math.max(10, this.#columns - 1));
    this.#write(`\r${line.padEnd(Math.max(0, this.#columns - 1))}`);
  }

  #line(now: number): string {
    const seconds = (now - this.#started) / 1000;
    const speed = seconds > 0.5 ? `  ${formatBytes(this.#done / seconds)}/s` : '';
    if (this.#total === 0) return `${this.#name}  ${formatBytes(this.#done)}${speed}`;
    const share = Math.min(1, this.#done / this.#total);
    const left =
      share > 0.02 && seconds > 1 ? `  ${remaining((seconds / share) * (1 - share))}` : '';
    const text = `  ${String(Math.floor(share * 100)).padStart(3)}%  ${formatBytes(this.#done)} of ${formatBytes(this.#total)}${speed}${left}`;
    const width = Math.max(5, Math.min(24, this.#columns - this.#name.length - text.length - 5));
    const full = Math.round(share * width);
    const [done, open] = this.#ascii ? ['#', '.'] : ['█', '░'];
    return `${this.#name}  ${(done ?? '').repeat(full)}${(open ?? '').repeat(width - full)}${text}`;
  }
}

function remaining(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 90 ? `${whole} s left` : `${Math.ceil(whole / 60)} min left`;
}
