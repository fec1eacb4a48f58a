import type { Buffer } from 'node:buffer';
import { cipherName, dialectName, signingName } from '../../codec/session/algorithm-names.ts';
import {
  decodeIds,
  NEGOTIATE_CONTEXT,
  type NegotiateContext,
} from '../../codec/session/negotiate-contexts.ts';
import { NEGOTIATE } from '../../codec/session/negotiate.ts';
import { SESSION_SETUP } from '../../codec/session/session-setup.ts';
import { TREE_CONNECT } from '../../codec/session/tree-connect.ts';
import {
  ACCESS,
  CAPABILITY,
  SECURITY_MODE,
  SESSION_FLAG,
  SHARE_CAPABILITY,
  SHARE_FLAG,
  SHARE_TYPE,
} from '../../codec/protocol/constants.ts';
import { joined } from '../wire/pieces.ts';
import { removed, type CommandWords } from './command-words.ts';
import { bits, hex, named, type Fact } from './fact-lines.ts';

export const negotiateWords: CommandWords = (message) => {
  const request = NEGOTIATE.decodeRequest(message);
  return {
    facts: [
      ['dialects', request.dialects.map(dialectName).join(', ')],
      ['security', bits(request.securityMode, SECURITY_MODE)],
      ['capabilities', bits(request.capabilities, CAPABILITY)],
      ...algorithms(request.contexts),
    ],
    answered: ({ pieces }) => {
      const answer = NEGOTIATE.decodeResponse(joined(pieces));
      return [
        ['dialect', dialectName(answer.dialect)],
        ['security', bits(answer.securityMode, SECURITY_MODE)],
        ['capabilities', bits(answer.capabilities, CAPABILITY)],
        ...algorithms(answer.contexts),
        ['server', answer.serverGuid],
        ['maximum of a read', `${answer.maxRead} bytes`],
        ['maximum of a query', `${answer.maxTransact} bytes`],
        ['token', removed(answer.token.length)],
      ];
    },
  };
};

/** Contexts of a negotiation in words, without the salts of the hash. */
function algorithms(contexts: readonly NegotiateContext[]): Fact[] {
  return contexts.flatMap(({ type, data }): Fact[] => {
    const ids = (what: string): number[] => decodeIds(data, what, 'smb.answer');
    if (type === NEGOTIATE_CONTEXT.encryption) {
      const names = ids('ENCRYPTION').map((id) => cipherName(id) ?? 'none');
      return [['ciphers', names.join(', ')]];
    }
    if (type === NEGOTIATE_CONTEXT.signing) {
      return [['signing', ids('SIGNING').map(signingName).join(', ')]];
    }
    return [];
  });
}

export const sessionSetupWords: CommandWords = (message) => {
  const { token, previousSessionId } = SESSION_SETUP.decodeRequest(message);
  return {
    about: tokenName(token),
    facts: [
      ['token', `${tokenName(token)}, ${removed(token.length)}`],
      ...(previousSessionId === 0n ? [] : [['ends the session', hex(previousSessionId)] as const]),
    ],
    answered: ({ pieces }) => {
      const answer = SESSION_SETUP.decodeResponse(joined(pieces));
      return [
        ['session flags', bits(answer.flags, SESSION_FLAG)],
        ['token', `${tokenName(answer.token)}, ${removed(answer.token.length)}`],
      ];
    },
  };
};

const NTLM = ['negotiate', 'challenge', 'authenticate'] as const;

/** Kind of a token of a login, by its signature. */
function tokenName(token: Buffer): string {
  if (token.length === 0) return 'no token';
  const at = token.indexOf('NTLMSSP\0', 0, 'latin1');
  if (at < 0) return 'SPNEGO or Kerberos';
  const kind = token.length < at + 12 ? 0 : token.readUInt32LE(at + 8);
  return `NTLM ${NTLM[kind - 1] ?? hex(kind)}`;
}

export const treeConnectWords: CommandWords = (message, names) => {
  const { path } = TREE_CONNECT.decodeRequest(message);
  return {
    about: path,
    facts: [['share', path]],
    answered: ({ treeId, pieces }) => {
      const answer = TREE_CONNECT.decodeResponse(joined(pieces));
      names.addTree(treeId, path);
      return [
        ['type', named(answer.shareType, SHARE_TYPE)],
        ['share flags', bits(answer.shareFlags, SHARE_FLAG)],
        ['capabilities', bits(answer.capabilities, SHARE_CAPABILITY)],
        ['maximal access', bits(answer.maximalAccess, ACCESS)],
      ];
    },
  };
};
