import type { ErrorCode } from '../api/codes.ts';
import {
  defineErrors,
  EngineError,
  type ErrorDetails,
  type ErrorFactory,
  type ErrorFlags,
} from '../base/errors.ts';

/**
 * What a failed call means, whatever the transport. The code of the error stays the transport's own.
 *
 * | kind | meaning |
 * | --- | --- |
 * | `notFound` | no such instance, or not with exactly these keys |
 * | `badKeys` | the reference does not have the keys of its class |
 * | `denied` | the account may not do this |
 * | `noClass` | there is no such class |
 * | `noNamespace` | Hyper-V is not installed |
 * | `badQuery` | the query is not understood, or names a class that is not there |
 * | `busy` | the host has no place for the request now |
 * | `tooLarge` | the answer does not fit; the call may have been carried out |
 * | `timedOut` | the host stopped waiting; the call may have been carried out |
 * | `refused` | the host refused the call for another reason |
 * | `unreachable` | the host was not reached, or did not let the account in; nothing was asked |
 * | `noAnswer` | no answer came, or none that can be read; the call may have been carried out |
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

/** Gives the errors of a transport their kinds; codes that the table leaves out are `noAnswer`. */
export function withKinds<Code extends ErrorCode>(
  factory: ErrorFactory<Code>,
  kinds: Readonly<Partial<Record<Code, CimErrorKind>>>,
): ErrorFactory<Code> {
  const { flags } = factory;
  const make = (code: Code, message: string, details?: ErrorDetails): CimError<Code> =>
    new CimError(kinds[code] ?? 'noAnswer', code, message, flags[code], details);
  return Object.assign(make, { flags });
}

/** Whether an error came from a client's call, of one of these kinds if any are given. */
export function isCimError(error: unknown, ...kinds: readonly CimErrorKind[]): error is CimError {
  return error instanceof CimError && (kinds.length === 0 || kinds.includes(error.kind));
}

/** Whether the host itself answered with this error: it understood the request and did not grant it. */
export function isAnswer(error: unknown): error is CimError {
  return isCimError(error) && error.kind !== 'unreachable' && error.kind !== 'noAnswer';
}

/** Whether an error proves that nothing was done. */
export function isRefusal(error: unknown): error is CimError {
  return isCimError(error) && !['tooLarge', 'timedOut', 'noAnswer'].includes(error.kind);
}

/** Errors of texts that hold CIM data. */
export const cimError = defineErrors({
  /** A value does not have the shape that the class has. The code is older than the layer. */
  'wsman.value': { permanent: true },
});
