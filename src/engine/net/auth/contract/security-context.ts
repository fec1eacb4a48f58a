/**
 * Interface of a security mechanism (NTLM, Kerberos, SSPI), independent of the protocol that carries
 * its tokens. WinRM frames them in HTTP headers and seals whole messages; SMB frames them in SESSION_SETUP and
 * needs only the session key.
 */
import type { Credential } from './secret.ts';

/** Input of a client that logs in to a service. */
export interface InitiatorInput {
  /** undefined: the user who is logged on, or the ticket cache. */
  readonly credential: Credential | undefined;
  /** Service class, the first part of the service principal name: `HTTP`, `cifs`. */
  readonly service: string;
  /** Host name, the second part of the service principal name. */
  readonly host: string;
  /**
   * Application data of the channel bindings (`gss_channel_bindings_struct`): the bytes of
   * `tls-server-end-point:`, then the hash of the certificate (RFC 5929 4); undefined without TLS.
   */
  readonly channelBinding: Buffer | undefined;
}

/** One step of a login. */
export interface SecurityStep {
  /** Token for the peer; undefined: nothing to send. */
  readonly token: Buffer | undefined;
  /** This side is done. It may still have a token to send. */
  readonly complete: boolean;
}

/** A sealed message: its signature or header, and the encrypted bytes, as long as the plain ones. */
export interface SealedBytes {
  readonly signature: Buffer;
  readonly data: Buffer;
}

/** One end of a login and of the messages sealed after it. Belongs to one connection. */
export interface SecurityContext {
  /**
   * Answers the peer's token. Throws `http.auth.*` if the token is invalid or proves that the peer
   * does not know the key.
   *
   * @param token undefined at the client's first step.
   */
  step(token: Buffer | undefined): Promise<SecurityStep>;
  /** Mechanism in use; undefined while it is still negotiated. */
  readonly mechanism: 'ntlm' | 'kerberos' | undefined;
  /** Encrypts and signs a message. Messages must be sent in the order in which they were sealed. */
  seal(plain: Buffer): SealedBytes;
  /** Throws `http.auth.sealed` if the message was altered, replayed or reordered. */
  unseal(sealed: SealedBytes): Buffer;
  /** Returns the session key that both sides derived, for protocols that sign with their own algorithms. */
  sessionKey(): Buffer;
  /** Releases native resources. May be called at any time, more than once. */
  close(): void;
}

/** The service's end: after the login it knows who called. */
export interface AcceptorContext extends SecurityContext {
  /** Name of the user after the last step, `DOMAIN\user` or `user@REALM`; undefined before it. */
  readonly user: string | undefined;
}
