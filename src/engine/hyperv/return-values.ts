import { hresultWords } from './hresults.ts';
import { hostError } from './hyperv-errors.ts';

/** Return values and ErrorCodes of Hyper-V's methods and jobs (tables A and B of the win32 reference). */
const MEANING: Readonly<Record<number, string>> = {
  1: 'not supported',
  2: 'failed',
  3: 'timeout',
  4: 'invalid parameter',
  5: 'invalid state',
  6: 'invalid type',
  32768: 'failed',
  32769: 'access denied',
  32770: 'not supported',
  32771: 'status unknown',
  32772: 'timeout',
  32773: 'invalid parameter',
  32774: 'system in use',
  32775: 'invalid state for this operation',
  32776: 'incorrect data type',
  32777: 'system not available',
  32778: 'out of memory',
  32779: 'file not found or in use',
  32787: 'chain cycle',
  32789: 'object not found',
};

const INVALID_STATE = 32775;
const ACCESS_DENIED = 32769;

/** Returns our words for a return value or an ErrorCode; it may be an HRESULT. */
export const meaningOf = (code: number): string =>
  MEANING[code] ?? hresultWords(code) ?? 'unknown code';

/** Creates the error of a method that returned neither 0 nor 4096. */
export function methodError(method: string, code: number): Error {
  const data = { method, code };
  if (code === INVALID_STATE) {
    return hostError(
      'host.busy',
      `${method}: the state of the VM does not allow it (${code}); a job or a merge may be running`,
      {
        data,
      },
    );
  }
  if (code === ACCESS_DENIED) {
    return hostError(
      'host.rights',
      `${method}: access denied (${code}); the account must be a Hyper-V administrator`,
      {
        data,
      },
    );
  }
  return hostError('host.method', `${method} returned ${code} (${meaningOf(code)})`, { data });
}
