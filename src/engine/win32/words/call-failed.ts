import type { ErrorData } from '../../base/errors.ts';
import { win32Error } from '../win32-errors.ts';
import { describeWindowsError, errorSentence } from './describe-error.ts';

/** Facts about a failed call for the data of an error. */
export function callData(call: string, number: number): ErrorData {
  const { hex, name } = describeWindowsError(number);
  return { call, number: number >>> 0, hex, name };
}

/** Returns the error of a function of Windows. @param subject path or name, for the message */
export function callFailed(call: string, number: number, subject: string): Error {
  const words = describeWindowsError(number);
  return win32Error(
    'win32.failed',
    `${call} failed for ${subject}: ${errorSentence(words)}. ${words.remedy}`,
    { data: { ...callData(call, number), subject } },
  );
}
