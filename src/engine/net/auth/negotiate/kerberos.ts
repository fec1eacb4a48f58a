import { isIP } from 'node:net';
import { isEngineError } from '../../../base/errors.ts';
import { authError } from '../contract/auth-errors.ts';
import { isLoopback } from '../contract/loopback.ts';
import type { AuthConnection, AuthScheme, AuthSession } from '../contract/scheme.ts';
import type { SecurityContext } from '../contract/security-context.ts';
import { kerberosInitiator } from '../gss/gss-initiator.ts';
import { kerberosMechanism } from '../gss/kerberos-mechanism.ts';
import { contextSession } from '../sealed/context-session.ts';
import { spnegoInitiator } from '../spnego/spnego-initiator.ts';
import { initiatorInput } from './initiator-input.ts';

/**
 * Kerberos by the system's GSS-API: below the name Negotiate inside SPNEGO, which offers nothing
 * else, and below the name Kerberos by itself.
 */
export const kerberos: AuthScheme = {
  name: 'kerberos',
  words: ['Negotiate', 'Kerberos'],
  needsPassword: false,
  provesPassword: false,
  // A tunnel to another host has a loopback address, but no realm has a service of that name.
  automatic: ({ url }) => process.platform !== 'win32' && !isLoopback(url.hostname),
  objection: () => undefined,
  begin: (connection) => {
    const context = initiator(connection);
    return uncounted(contextSession({ connection, context, wanted: 'kerberos' }));
  },
};

function initiator(connection: AuthConnection): SecurityContext {
  const input = initiatorInput(connection);
  if (isIP(input.host) !== 0) {
    throw authError(
      'http.auth.spn',
      `Kerberos needs the name of the host; ${input.host} is an address`,
      { data: { found: input.host } },
    );
  }
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
  return Object.create(session, { next: { value: next } }) as AuthSession;
}
