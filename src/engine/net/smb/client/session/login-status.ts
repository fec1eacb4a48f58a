import { authError } from '../../../auth/contract/auth-errors.ts';
import { smbError } from '../../contract/smb-errors.ts';
import { loginCode } from '../../status/status-codes.ts';
import { describeStatus, STATUS } from '../../status/nt-status.ts';

/** Returns the error of a login that the server answered with a status. */
export function loginError(host: string, user: string, status: number): Error {
  const data = { host, status };
  const text = `The file server ${host} rejects the login of ${user || 'the current user'}: ${describeStatus(status)}`;
  const code = loginCode(status);
  if (code !== undefined) return authError(code, text, { data });
  return smbError(status === STATUS.accessDenied ? 'smb.denied' : 'smb.failed', text, { data });
}
