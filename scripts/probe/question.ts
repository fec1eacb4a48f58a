import { isEngineError } from '../../src/engine/base/errors.ts';

/** A question about Windows' virtual disk API that no source answers. */
export interface Question {
  readonly id: string;
  readonly question: string;
  /** Answer on which Refpoint counts, if it counts on one. */
  readonly expected?: string;
  /** Asks Windows. @returns the answer; `as expected` if it is the one that Refpoint counts on */
  readonly ask: (place: Place) => Promise<Answer>;
}

/** Folder in which a question makes its images. It is removed afterwards. */
export interface Place {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Returns an absolute path of a new file. */
  readonly file: (name: string) => string;
}

export interface Answer {
  readonly text: string;
  /** Whether the answer contradicts what Refpoint counts on. */
  readonly contradicts: boolean;
}

export const answer = (text: string): Answer => ({ text, contradicts: false });

/** Compares an answer with the one that Refpoint counts on. */
export function compared(found: string, expected: string | readonly string[]): Answer {
  const right = typeof expected === 'string' ? [expected] : expected;
  return { text: found, contradicts: !right.includes(found) };
}

/** Returns how a call ends: `succeeds`, or the code and Windows' number. */
export async function endOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return 'succeeds';
  } catch (error) {
    return errorText(error);
  }
}

/** Returns code and Windows' number of an error. */
export function errorText(error: unknown): string {
  if (!isEngineError(error)) return error instanceof Error ? error.message : String(error);
  const { hex, name } = error.data;
  const windows = [hex, name].filter((part) => typeof part === 'string').join(' ');
  return windows === '' ? error.code : `${error.code} (${windows})`;
}
