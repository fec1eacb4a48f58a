import type { Finding } from '../api/host.ts';
import type { CimClient } from '../cim/client.ts';

/** Returns what administrators should know about the login of a client; empty before it. */
export function loginFindings(client: CimClient): Finding[] {
  const fallback = client.security()?.fallback ?? null;
  if (fallback === null) return [];
  return [
    {
      code: 'host.ntlmFallback',
      severity: 'warning',
      message: `The login used NTLM, because Kerberos was not possible: ${fallback}. With NTLM, a computer that poses as the host receives a proof of the password, which it can try to guess.`,
    },
  ];
}
