/**
 * Interface of a mechanism that SPNEGO can negotiate. Beyond a security context it signs the list of
 * mechanisms, so that both sides notice if somebody in between changed it (RFC 4178 section 5).
 */
import type { AcceptorContext, SecurityContext } from './security-context.ts';

export interface MechanismContext extends SecurityContext {
  /** The peer expects a signature of the list even if its first mechanism is used. */
  readonly needsListMic: boolean;
  /** Signs the DER of the list. Called once, after the last token and before the first message. */
  signList(list: Buffer): Buffer;
  /** Checks the peer's signature. Throws `http.auth.downgrade` if it is wrong. */
  verifyList(list: Buffer, mic: Buffer): void;
}

/** A mechanism of the client's end. */
export interface Mechanism<Context extends MechanismContext = MechanismContext> {
  /** Object identifier in dotted form. */
  readonly oid: string;
  create(): Context;
}

/** A mechanism of the service's end. */
export interface AcceptorMechanism extends Mechanism<MechanismContext & AcceptorContext> {
  /** Whether a first token belongs to this mechanism without SPNEGO around it. */
  isOwnToken(token: Buffer): boolean;
}
