import type { SmbAccount } from '../../net/smb/client/session/login.ts';
import type { TransportTarget } from '../transports/transport.ts';

/**
 * Returns the account for file servers. Basic has no counterpart there: the same account logs in by
 * Kerberos or NTLM. The secret of a certificate opens its key and is never a password: the account is
 * that of the system then.
 */
export function fileAccount({
  authentication,
  credential,
  ntlmFallback,
}: Pick<TransportTarget, 'authentication' | 'credential' | 'ntlmFallback'>): SmbAccount {
  const isCertificate = authentication === 'certificate';
  const isHttpOnly = isCertificate || authentication === 'basic';
  return {
    credential: isCertificate ? undefined : credential,
    authentication: isHttpOnly ? 'auto' : authentication,
    ...(ntlmFallback === undefined ? {} : { ntlmFallback }),
  };
}
