import { isIP } from 'node:net';
import { isEngineError } from '../../../base/errors.ts';
import { authError } from '../contract/auth-errors.ts';
import { isLoopback } from '../contract/loopback.ts';
import {
  withSteps,
  type AuthConnection,
  type AuthScheme,
  type AuthSession,
} from '../contract/scheme.ts';
import type { SecurityContext } from '../contract/security-context.ts';
import { kerberosInitiator } from '../gss/gss-initiator.ts';
import { kerberosMechanism } from '../gss/kerberos-mechanism.ts';
import { contextSession } from '../sealed/context-session.ts';
import { spnegoInitiator } from '../spnego/spnego-initiator.ts';
import { windowsKerberos } from './sspi.ts';
import { initiatorInput } from './initiator-input.ts';

const WINDOWS = process.platform === 'win32';

/**
 * Kerberos by the system: SSPI on Windows, GSS-API elsewhere. The tokens of GSS-API go inside SPNEGO,
 * which offers nothing else, below the name Negotiate, and by themselves below the name Kerberos.
 */
export const kerberos: AuthScheme = {
  name: 'kerberos',
  words: WINDOWS ? ['Kerberos', 'Negotiate'] : ['Negotiate', 'Kerberos'],
  needsPassword: false,
  provesPassword: false,
  // A tunnel to another host has a loopback address, but no realm has a service of that name.
  automatic: ({ url }) => !WINDOWS && !isLoopback(url.hostname),
  objection: () => undefined,
  begin: (connection) => {
    requireName(connection);
    if (WINDOWS) return uncounted(windowsKerberos(connection));
    const context = initiator(connection);
    return uncounted(contextSession({ connection, context, wanted: 'kerberos' }));
  },
};

function requireName({ url }: AuthConnection): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) return;
  throw authError('http.auth.spn', `Kerberos needs the name of the host; ${host} is an address`, {
    data: { found: host },
  });
}

function initiator(connection: AuthConnection): SecurityContext {
  const input = initiatorInput(connection);
  if (connection.word === 'Kerberos') return kerberosInitiator(input);
  return spnegoInitiator([kerberosMechanism(input)]);
}

/** Marks the host's rejection of a ticket: it says nothing about a password. */
function uncounted(session: AuthSession): AuthSession {
  const next: AuthSession['next'] = async (challenge) => {
    try {
      return await session.next(challenge);
    } catch (error) {
      if (challenge === undefined || !isEngineError(error, 'http.auth.failed')) throw error;
      const data = { ...error.data, counted: false };
      throw authError('http.auth.failed', error.message, { data, cause: error });
    }
  };
  return withSteps(session, next);
}
