import type { ErrorCode } from '../../api/codes.ts';
import { EngineError, type ErrorData } from '../../base/errors.ts';
import { withAdvice } from './advice.ts';

/** An error as documents have it. */
export interface ErrorFields {
  readonly code: ErrorCode | 'internal';
  readonly message: string;
  readonly data: ErrorData;
  readonly userFixable: boolean;
}

/** Returns code, message with the advice of the command line, and data of any error. */
export function errorFields(error: unknown): ErrorFields {
  if (!(error instanceof EngineError)) {
    return { code: 'internal', message: (error as Error).message, data: {}, userFixable: false };
  }
  const { code, message, data, userFixable } = error;
  return { code, message: withAdvice(code, message, data), data, userFixable };
}
