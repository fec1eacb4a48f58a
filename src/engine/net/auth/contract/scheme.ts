/**
 * How a connection proves who asks. A scheme is a folder here and a row in `../schemes.ts`; it makes a session for each
 * connection of a pool, and knows neither HTTP nor SMB: tokens are bytes, and whoever owns the connection frames them. Start
 * reading here, then `../login.ts`. `../tls/` is the other half: whether the peer is who it should be.
 */
import type { HostTarget } from '../../../api/host.ts';
import type { Credential } from './secret.ts';

/** What a person asks for. */
export type AuthenticationChoice = HostTarget['authentication'];

export type SchemeName = Exclude<AuthenticationChoice, 'auto'>;

/** Whom to log in to, and as whom. */
export interface AuthTarget {
  readonly url: URL;
  /** undefined: no user was named. */
  readonly credential: Credential | undefined;
}

export interface AuthScheme {
  readonly name: SchemeName;
  /** Words of WWW-Authenticate under which hosts offer the scheme. */
  readonly words: readonly string[];
  /** Cannot do without a user and a password. */
  readonly needsPassword: boolean;
  /** Returns why the scheme must not be used with a target; undefined if it may. */
  objection(target: AuthTarget): Error | undefined;
  begin(connection: AuthConnection): AuthSession;
}

/** The connection that a session belongs to, for its whole life. */
export interface AuthConnection extends AuthTarget {
  /** Class of the service, the first part of its principal's name: `HTTP`, `cifs`. */
  readonly service: string;
  /** DER of the certificate that the peer showed, for channel binding; undefined without TLS. */
  readonly certificate: Buffer | undefined;
}

/**
 * A login on one connection. A scheme of several legs is asked for the next token with each answer of the host; sealing is
 * possible once a step is complete.
 */
export interface AuthSession {
  /** Word of WWW-Authenticate and Authorization. */
  readonly word: string;
  /**
   * Returns what to show next.
   * @param challenge the host's last token; undefined before each request.
   * Throws `http.auth.*` if the host cannot be answered.
   */
  next(challenge: Buffer | undefined): Promise<AuthStep>;
  /** Seals a request. Returns it unchanged if the scheme, or this connection, seals nothing. */
  seal(message: Message): Message;
  /** Opens a sealed answer. Throws `http.auth.failed` if it was altered. */
  unseal(message: Message): Message;
  /** Returns the key that both sides derived, for protocols that sign with their own algorithms. */
  sessionKey?(): Buffer;
  /** Releases what the session holds; called when its connection is closed. */
  close?(): void;
}

export interface AuthStep {
  /** Shown as `Authorization: word base64`; empty: the word alone; undefined: nothing is shown. */
  readonly token: Buffer | undefined;
  /** The request goes along. Otherwise the token travels alone, and the host's token is expected. */
  readonly complete: boolean;
}

export interface Message {
  readonly body: Buffer;
  readonly contentType: string;
}

/** A session that seals nothing, by its word and its steps. */
export function plainSession(word: string, next: AuthSession['next']): AuthSession {
  return { word, next, seal: (message) => message, unseal: (message) => message };
}
