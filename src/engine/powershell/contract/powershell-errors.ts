import { defineErrors, type CodesOf, type ErrorDetails } from '../../base/errors.ts';
import { CimError, isCimError, withKinds, type CimErrorKind } from '../../cim/cim-errors.ts';

const refused = { permanent: true } as const;
const fixable = { permanent: true, userFixable: true } as const;

const codes = defineErrors({
  /** This system has no Windows PowerShell with the CIM cmdlets. */
  'powershell.missing': fixable,
  /** A policy does not let the shell run scripts or load modules: constrained language mode, execution policy. */
  'powershell.locked': fixable,
  /** The shell ended, was killed, or did not start. */
  'powershell.ended': {},
  'powershell.timedOut': {},
  /** The shell wrote something else than an answer. */
  'powershell.answer': {},
  /** The session with another computer was refused. */
  'powershell.connect': { userFixable: true },
  'powershell.fault.accessDenied': fixable,
  'powershell.fault.notFound': refused,
  'powershell.fault.invalidSelectors': refused,
  'powershell.fault.cannotProcessFilter': refused,
  'powershell.fault.timedOut': {},
  'powershell.fault.busy': {},
  'powershell.fault.schema': refused,
  'powershell.fault.noClass': refused,
  /** The namespace does not exist: the Hyper-V role is not installed. */
  'powershell.fault.noNamespace': fixable,
  'powershell.fault.notSupported': refused,
  'powershell.fault.internal': {},
  'powershell.fault.other': {},
});

type Code = CodesOf<typeof codes>;

const KINDS: Readonly<Partial<Record<Code, CimErrorKind>>> = {
  'powershell.missing': 'unreachable',
  'powershell.locked': 'unreachable',
  'powershell.connect': 'unreachable',
  'powershell.fault.accessDenied': 'denied',
  'powershell.fault.notFound': 'notFound',
  'powershell.fault.invalidSelectors': 'badKeys',
  'powershell.fault.cannotProcessFilter': 'badQuery',
  'powershell.fault.timedOut': 'timedOut',
  'powershell.fault.busy': 'busy',
  'powershell.fault.schema': 'refused',
  'powershell.fault.noClass': 'noClass',
  'powershell.fault.noNamespace': 'noNamespace',
  'powershell.fault.notSupported': 'refused',
  'powershell.fault.internal': 'refused',
  'powershell.fault.other': 'refused',
};

/**
 * Errors of the transport PowerShell. Those of failed calls carry `number` (0 without one), `id` and
 * `text` in their data.
 */
export const powershellError = withKinds(codes, KINDS);

/**
 * Returns the error of a failed call.
 * @param kind meaning that the code does not have; undefined: that of the code
 */
export function callFailure(
  code: Code,
  kind: CimErrorKind | undefined,
  { message, ...details }: ErrorDetails & { readonly message: string },
): Error {
  return new CimError(kind ?? KINDS[code] ?? 'noAnswer', code, message, codes.flags[code], details);
}

/** Returns an error of the preparation of a shell: the host was not asked for anything. */
export function beforeCall(error: unknown): Error {
  if (!isCimError(error, 'noAnswer')) return error as Error;
  const { code, message, data, cause } = error;
  return new CimError('unreachable', code, message, error, { data, cause });
}
