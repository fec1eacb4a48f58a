import type { AuthScheme } from '../contract/scheme.ts';
import { ntlmInitiator } from '../ntlm/ntlm-initiator.ts';
import { ntlmMechanism } from '../ntlm/ntlm-mechanism.ts';
import { contextSession } from '../sealed/context-session.ts';
import { spnegoInitiator } from '../spnego/spnego-initiator.ts';
import { initiatorInput } from './initiator-input.ts';

/**
 * NTLMv2 of our own. Its tokens go raw below the name Negotiate, as Windows itself sends them if it
 * prefers NTLM (MS-NTHT).
 */
export const ntlm: AuthScheme = {
  name: 'ntlm',
  words: ['Negotiate', 'NTLM'],
  needsPassword: true,
  provesPassword: true,
  automatic: ({ ntlmFallback = true }) => ntlmFallback,
  objection: () => undefined,
  begin: (connection) => {
    const input = initiatorInput(connection);
    // Windows clients request sealing over TLS too, where it is not used. Services other than WinRM,
    // such as SMB, take tokens in SPNEGO only.
    const raw = connection.service === 'HTTP';
    const context = raw ? ntlmInitiator(input) : spnegoInitiator([ntlmMechanism(input)]);
    return contextSession({ connection, context, wanted: 'ntlm' });
  },
};
