import { isLoopback } from '../contract/loopback.ts';
import type { AuthConnection, AuthScheme } from '../contract/scheme.ts';
import { contextSession } from '../sealed/context-session.ts';
import { sspiInitiator } from '../sspi/sspi-initiator.ts';
import { initiatorInput } from './initiator-input.ts';

/**
 * The login of Windows itself (package Negotiate): as the user who is logged on, or with a password.
 * Windows takes Kerberos if it can, and NTLM otherwise; if NTLM is forbidden, it is asked for
 * Kerberos alone.
 */
export const sspi: AuthScheme = {
  name: 'sspi',
  words: ['Negotiate', 'Kerberos'],
  needsPassword: false,
  provesPassword: true,
  // With a password for this computer, NTLM of our own does the same without the system.
  automatic: ({ url, credential }) =>
    process.platform === 'win32' && (credential === undefined || !isLoopback(url.hostname)),
  objection: () => undefined,
  begin: (connection) =>
    connection.ntlmFallback === false
      ? windowsKerberos(connection)
      : contextSession({ connection, context: sspiInitiator(initiatorInput(connection)) }),
};

/**
 * Kerberos by Windows, without SPNEGO around it. Hosts accept such tokens below the name Kerberos,
 * and below the name Negotiate too (UNCONFIRMED).
 */
export const windowsKerberos = (connection: AuthConnection): ReturnType<AuthScheme['begin']> => {
  const context = sspiInitiator(initiatorInput(connection), { package: 'Kerberos' });
  return contextSession({ connection, context, wanted: 'kerberos' });
};
