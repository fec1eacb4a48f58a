import { smbError } from '../../contract/smb-errors.ts';
import { requestCode } from '../../status/status-codes.ts';
import { describeStatus } from '../../status/nt-status.ts';

/**
 * Returns the error of a request that the server answered with a status.
 * @param what the failed work, for example `Opening`
 * @param path UNC path
 */
export function statusError(what: string, path: string, status: number): Error {
  const text = `${what} ${path} failed: ${describeStatus(status)}`;
  return smbError(requestCode(status), text, { data: { path, status } });
}
