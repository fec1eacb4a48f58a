import { anatomyError } from '../../disk/anatomy/model/anatomy-errors.ts';

/** Checks a number that came from the extension. The error names the invalid parameter. */
export function check(name: string, value: unknown, least: number, most: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most)
    return;
  throw wrong(name, value, `expected a whole number from ${least} to ${most}`);
}

export const wrong = (name: string, value: unknown, expected: string): Error =>
  anatomyError('anatomy.request', `${name} is ${String(value)}; ${expected}`, {
    data: { name, found: String(value).slice(0, 40) },
  });
