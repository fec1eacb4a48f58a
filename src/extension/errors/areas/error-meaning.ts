import type { NextStep } from './next-step.ts';

/** Meaning of an error code for the user: a sentence, and the steps that help, the best first. */
export interface ErrorMeaning {
  readonly says: () => string;
  readonly next: readonly (() => NextStep)[];
}

export const means = (says: () => string, ...next: readonly (() => NextStep)[]): ErrorMeaning => ({
  says,
  next,
});
