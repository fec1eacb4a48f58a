/** How a benchmark reports a figure beside its bound. */
import { report } from './measure.ts';
import { SMALL } from './sizes.ts';

/** Returns a bound in words with its judgement. A missed one fails the program. */
export function judged(bound: string, ok: boolean): string {
  if (!ok && !SMALL) process.exitCode = 1;
  return `${bound}, ${ok ? 'ok' : 'MISSED'}`;
}

/** Prints a figure with its bound on a line. */
export function line(what: string, found: string, ok: boolean, bound: string): void {
  report(`${what.padEnd(52)} ${found.padStart(10)}  bound ${judged(bound, ok)}`);
}
