/**
 * Interface by which a connection authenticates its user. A scheme is a folder here and a row in `../schemes.ts`.
 * It creates a session for each connection of a pool, and is independent of HTTP and SMB: tokens
 * are bytes, and the owner of the connection frames them. Start reading here, then `../login.ts`.
 * `../tls/` is the counterpart: it authenticates the host.
 */
import type { HostTarget } from '../../../api/host.ts';
import type { Credential } from './secret.ts';

/** The user's choice of a scheme. */
export type AuthenticationChoice = HostTarget['authentication'];

export type SchemeName = Exclude<AuthenticationChoice, 'auto'>;

/** The host to log in to, and the credentials. */
export interface AuthTarget {
  readonly url: URL;
  /** undefined: no credentials were given. */
  readonly credential: Credential | undefined;
  /** `auto` may take NTLM; undefined: it may. */
  readonly ntlmFallback?: boolean;
  /** The TLS settings have a client certificate. */
  readonly clientCertificate?: boolean;
}

/** Mechanism and protection of a connection. */
export interface Security {
  readonly mechanism: 'basic' | 'certificate' | 'kerberos' | 'ntlm';
  /** Bodies are encrypted by the mechanism. False over TLS, which encrypts them itself. */
  readonly sealed: boolean;
}

export interface AuthScheme {
  readonly name: SchemeName;
  /** Names of the scheme in WWW-Authenticate. */
  readonly words: readonly string[];
  /** Requires a user and a password. */
  readonly needsPassword: boolean;
  /**
   * Sends the password, or a proof of it, to the host, which counts wrong ones and locks the
   * account.
   */
  readonly provesPassword: boolean;
  /** Whether `auto` considers the scheme for a target. */
  automatic(target: AuthTarget): boolean;
  /**
   * Returns the reason why the scheme must not be used with a target; undefined if it may be used.
   */
  objection(target: AuthTarget): Error | undefined;
  begin(connection: AuthConnection): AuthSession;
}

/** The connection to which a session belongs for its whole life. */
export interface AuthConnection extends AuthTarget {
  /** Name of the scheme to use: one of its `words`, which the host offers if it was asked. */
  readonly word: string;
  /** Service class, the first part of the service principal name: `HTTP`, `cifs`. */
  readonly service: string;
  /** DER of the peer's certificate, for channel binding; undefined without TLS. */
  readonly certificate: Buffer | undefined;
}

/**
 * A login on one connection. A scheme with several legs is asked for the next token after each
 * answer of the host. Sealing is possible after a step is complete.
 */
export interface AuthSession {
  /** Name of the scheme in WWW-Authenticate and Authorization. */
  readonly word: string;
  /** Protection of the connection; undefined while the login is incomplete, or without one. */
  readonly security: Security | undefined;
  /**
   * Returns the next step. Throws `http.auth.*` if the host's token cannot be answered.
   * @param challenge the host's last token; undefined before each request.
   */
  next(challenge: Buffer | undefined): Promise<AuthStep>;
  /** Seals a request. Returns it unchanged if the scheme, or this connection, does not seal. */
  seal(message: Message): Message;
  /** Opens a sealed answer. Throws `http.auth.sealed` if it was altered. */
  unseal(message: Message): Message;
  /** Returns the key that both sides derived, for protocols that sign with their own algorithms. */
  sessionKey?(): Buffer;
  /** Releases the session's resources; called when its connection is closed. */
  close?(): void;
}

export interface AuthStep {
  /** Sent as `Authorization: name base64`; empty: the name alone; undefined: no header. */
  readonly token: Buffer | undefined;
  /**
   * The request is sent along. Otherwise only the token is sent, and the host must answer with its
   * token.
   */
  readonly complete: boolean;
}

export interface Message {
  readonly body: Buffer;
  readonly contentType: string;
}

/** Returns a session with other steps; the rest of it is the given one. */
export function withSteps(session: AuthSession, next: AuthSession['next']): AuthSession {
  return Object.create(session, { next: { value: next } }) as AuthSession;
}

/** Creates a session that does not seal, from its scheme's name and its steps. */
export function plainSession(
  word: string,
  next: AuthSession['next'],
  mechanism?: Security['mechanism'],
): AuthSession {
  const security = mechanism && { mechanism, sealed: false };
  return { word, security, next, seal: (message) => message, unseal: (message) => message };
}
