import { isCimError } from '../../cim/cim-errors.ts';
import type { CimClass, CimClient } from '../../cim/client.ts';

/**
 * A host's answer to the question for the instances of a class.
 *
 * | state | meaning |
 * | --- | --- |
 * | `visible` | there is an instance |
 * | `empty` | the account sees no instance |
 * | `noClass` | the class does not exist |
 * | `noNamespace` | the namespace does not exist |
 * | `denied` | the account is refused; `number` is that of the fault, or 0 |
 */
export type ClassOutcome =
  | { readonly state: 'visible' | 'empty' | 'noClass' | 'noNamespace' }
  | { readonly state: 'denied'; readonly number: number };

/** Asks for the first instance of a class. Throws any error that is not one of the outcomes. */
export async function classOutcome(
  client: CimClient,
  from: string | CimClass,
  signal: AbortSignal,
): Promise<ClassOutcome> {
  try {
    for await (const _ of client.enumerate(from, signal)) return { state: 'visible' };
    return { state: 'empty' };
  } catch (error) {
    if (isCimError(error, 'noClass', 'badQuery')) return { state: 'noClass' };
    if (isCimError(error, 'noNamespace')) return { state: 'noNamespace' };
    if (isCimError(error, 'denied')) return { state: 'denied', number: numberOf(error) };
    throw error;
  }
}

/** Returns the number of the fault that an error comes from, or 0. */
export function numberOf(error: { readonly data: Readonly<Record<string, unknown>> }): number {
  const { number } = error.data;
  return typeof number === 'number' ? number : 0;
}
