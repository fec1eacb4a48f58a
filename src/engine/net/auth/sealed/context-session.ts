import { authError } from '../contract/auth-errors.ts';
import type { AuthConnection, AuthSession, AuthStep, Message } from '../contract/scheme.ts';
import type { SecurityContext } from '../contract/security-context.ts';
import {
  decodeSealed,
  encodeSealed,
  isSealedType,
  type SealedProtocol,
} from './sealed-multipart.ts';

export interface ContextSessionOptions {
  readonly connection: Pick<AuthConnection, 'url' | 'word'>;
  readonly context: SecurityContext;
  /** Mechanism that the user chose; undefined: whichever is negotiated. */
  readonly wanted?: SecurityContext['mechanism'];
}

/**
 * Logs in with a security context and seals messages with it. Over TLS bodies are left as they are,
 * as WinRM expects. Rejects a login that ends in another mechanism than the chosen one before the
 * last token is sent.
 */
export function contextSession(options: ContextSessionOptions): AuthSession {
  const { context, wanted } = options;
  const { url, word } = options.connection;
  const sealed = url.protocol === 'http:';
  const protocol: SealedProtocol = word.toLowerCase() === 'kerberos' ? 'kerberos' : 'spnego';
  let state: 'new' | 'negotiating' | 'complete' = 'new';
  /** Rejects an unwanted mechanism before its token is sent. */
  const step = async (token: Buffer | undefined): Promise<AuthStep> => {
    const taken = await context.step(token);
    checkMechanism(context, wanted, url);
    state = taken.complete ? 'complete' : 'negotiating';
    return { token: taken.token, complete: taken.complete };
  };
  return {
    word,
    get security() {
      const { mechanism } = context;
      return state === 'complete' && mechanism !== undefined ? { mechanism, sealed } : undefined;
    },
    next: async (challenge) => {
      if (state === 'new') return step(undefined);
      if (challenge !== undefined) return step(challenge);
      if (state === 'complete') return { token: undefined, complete: true };
      throw authError(
        'http.auth.peer',
        `${url.host} accepted the login without proving its own identity. Nothing was sent to it`,
        { data: { url: url.href } },
      );
    },
    seal: (message) => (sealed ? seal(context, protocol, message) : message),
    unseal: (message) => (sealed ? unseal(context, protocol, message, url) : message),
    sessionKey: () => context.sessionKey(),
    close: () => context.close(),
  };
}

function checkMechanism(
  { mechanism }: SecurityContext,
  wanted: SecurityContext['mechanism'],
  url: URL,
): void {
  if (wanted === undefined || mechanism === undefined || mechanism === wanted) return;
  throw authError(
    'http.auth.mechanism',
    `The login to ${url.host} would use ${mechanism} instead of ${wanted}. It was stopped`,
    { data: { url: url.href, found: mechanism, expected: wanted } },
  );
}

function seal(context: SecurityContext, protocol: SealedProtocol, message: Message): Message {
  return encodeSealed({
    protocol,
    indent: '\t',
    originalType: message.contentType,
    originalLength: message.body.length,
    sealed: context.seal(message.body),
  });
}

function unseal(
  context: SecurityContext,
  protocol: SealedProtocol,
  message: Message,
  url: URL,
): Message {
  if (!isSealedType(message.contentType)) {
    throw authError(
      'http.auth.sealed',
      `${url.host} answered an encrypted request in plain text (“${message.contentType.slice(0, 60)}”). The answer was discarded: it may come from somebody in between`,
      { data: { url: url.href, found: message.contentType.slice(0, 60) } },
    );
  }
  const read = decodeSealed(message);
  if (read.protocol !== protocol) {
    throw authError(
      'http.auth.sealed',
      `${url.host} sealed its answer for another protocol: found ${read.protocol}, expected ${protocol}`,
      { data: { url: url.href, found: read.protocol, expected: protocol } },
    );
  }
  return { body: context.unseal(read.sealed), contentType: read.originalType };
}
