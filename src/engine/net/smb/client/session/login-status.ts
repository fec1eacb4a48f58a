import type { ErrorCode } from '../../../../api/codes.ts';
import { authError } from '../../../auth/contract/auth-errors.ts';
import { smbError } from '../../contract/smb-errors.ts';
import { describeStatus, STATUS } from '../../status/nt-status.ts';

type AuthCode = Extract<ErrorCode, `http.auth.${string}`>;

/** Codes of logins, which are the same over every protocol. */
const CODES: ReadonlyMap<number, AuthCode> = new Map([
  [STATUS.logonFailure, 'http.auth.failed'],
  [STATUS.wrongPassword, 'http.auth.failed'],
  [STATUS.passwordRestriction, 'http.auth.failed'],
  [STATUS.accountRestriction, 'http.auth.failed'],
  [STATUS.invalidLogonHours, 'http.auth.failed'],
  [STATUS.invalidWorkstation, 'http.auth.failed'],
  [STATUS.logonTypeNotGranted, 'http.auth.failed'],
  [STATUS.accountLocked, 'http.auth.locked'],
  [STATUS.accountDisabled, 'http.auth.locked'],
  [STATUS.accountExpired, 'http.auth.expired'],
  [STATUS.passwordExpired, 'http.auth.expired'],
  [STATUS.passwordMustChange, 'http.auth.expired'],
  [STATUS.timeDifference, 'http.auth.clock'],
  [STATUS.ntlmBlocked, 'http.auth.mechanism'],
  [STATUS.notSupported, 'http.auth.mechanism'],
]);

/** Returns the error of a login that the server answered with a status. */
export function loginError(host: string, user: string, status: number): Error {
  const data = { host, status };
  const text = `The file server ${host} rejects the login of ${user || 'the current user'}: ${describeStatus(status)}`;
  const code = CODES.get(status);
  if (code !== undefined) return authError(code, text, { data });
  return smbError(status === STATUS.accessDenied ? 'smb.denied' : 'smb.failed', text, { data });
}
