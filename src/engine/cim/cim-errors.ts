import type { ErrorCode } from '../api/codes.ts';
import {
  defineErrors,
  EngineError,
  type ErrorDetails,
  type ErrorFactory,
  type ErrorFlags,
} from '../base/errors.ts';
import { ENDED_DURING_CALL } from './wmi-numbers.ts';

/**
 * Meaning of a failed call, for every transport. The error's code stays the transport's own.
 *
 * | kind | meaning |
 * | --- | --- |
 * | `notFound` | no such instance, or not with exactly these keys |
 * | `badKeys` | the reference does not have the keys of its class |
 * | `denied` | the account has no permission |
 * | `noClass` | the class does not exist |
 * | `noNamespace` | Hyper-V is not installed |
 * | `badQuery` | the query is invalid, or names a class that does not exist |
 * | `busy` | the host cannot accept the request now |
 * | `tooLarge` | the answer does not fit; the call may have been carried out |
 * | `timedOut` | the host stopped waiting; the call may have been carried out |
 * | `refused` | the host refused the call for another reason |
 * | `unreachable` | the host was not reached, or rejected the login; nothing was requested |
 * | `noAnswer` | no readable answer arrived; the call may have been carried out |
 */
export type CimErrorKind =
  | 'notFound'
  | 'badKeys'
  | 'denied'
  | 'noClass'
  | 'noNamespace'
  | 'badQuery'
  | 'busy'
  | 'tooLarge'
  | 'timedOut'
  | 'refused'
  | 'unreachable'
  | 'noAnswer';

/** An error of a client's call. */
export class CimError<Code extends ErrorCode = ErrorCode> extends EngineError<Code> {
  readonly kind: CimErrorKind;

  constructor(
    kind: CimErrorKind,
    code: Code,
    message: string,
    flags: ErrorFlags,
    details?: ErrorDetails,
  ) {
    super(code, message, flags, details);
    this.kind = kind;
  }
}

/** Assigns kinds to the errors of a transport; codes that the table omits are `noAnswer`. */
export function withKinds<Code extends ErrorCode>(
  factory: ErrorFactory<Code>,
  kinds: Readonly<Partial<Record<Code, CimErrorKind>>>,
): ErrorFactory<Code> {
  const { flags } = factory;
  const make = (code: Code, message: string, details?: ErrorDetails): CimError<Code> =>
    new CimError(kinds[code] ?? 'noAnswer', code, message, flags[code], details);
  return Object.assign(make, { flags });
}

/** Whether an error came from a client's call, and is of one of these kinds if any are given. */
export function isCimError(error: unknown, ...kinds: readonly CimErrorKind[]): error is CimError {
  return error instanceof CimError && (kinds.length === 0 || kinds.includes(error.kind));
}

/** Whether the host itself answered with this error: it understood the request and refused it. */
export function isAnswer(error: unknown): error is CimError {
  return isCimError(error) && error.kind !== 'unreachable' && error.kind !== 'noAnswer';
}

/** Whether an error proves that the host did nothing. */
export function isRefusal(error: unknown): error is CimError {
  if (!isCimError(error) || error.data['number'] === ENDED_DURING_CALL) return false;
  return !['tooLarge', 'timedOut', 'noAnswer'].includes(error.kind);
}

/** Errors of text with CIM data. */
export const cimError = defineErrors({
  /** A value does not have the type that the class declares. The code is older than this layer. */
  'wsman.value': { permanent: true },
});
