import type { AuthScheme } from '../contract/scheme.ts';
import { ntlmInitiator } from '../ntlm/ntlm-initiator.ts';
import { contextSession } from '../sealed/context-session.ts';
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
    // Windows clients request sealing over TLS too, where it is not used.
    const context = ntlmInitiator(initiatorInput(connection));
    return contextSession({ connection, context, wanted: 'ntlm' });
  },
};
