import { OID } from '../contract/mechanism-oids.ts';
import type { AcceptorMechanism, Mechanism } from '../contract/mechanism.ts';
import type { InitiatorInput } from '../contract/security-context.ts';
import { mechanismOfToken } from '../der/gss-token.ts';
import { gssAcceptor, type GssAcceptorOptions } from './gss-acceptor.ts';
import type { NativeLoginOptions } from '../native/native-login.ts';
import { kerberosInitiator } from './gss-initiator.ts';

/** Returns Kerberos for SPNEGO, at the client's end. */
export function kerberosMechanism(
  input: InitiatorInput,
  options: NativeLoginOptions = {},
): Mechanism {
  return { oid: OID.kerberos, create: () => kerberosInitiator(input, options) };
}

/**
 * Returns Kerberos for SPNEGO, at the service's end, below both of its identifiers: clients of
 * Windows prefer Microsoft's. Their tokens are the same.
 */
export function kerberosAcceptorMechanisms(
  options: GssAcceptorOptions,
): readonly AcceptorMechanism[] {
  return [OID.kerberos, OID.microsoftKerberos].map((oid) => ({
    oid,
    create: () => gssAcceptor(options),
    isOwnToken: (token) => mechanismOfToken(token) === oid,
  }));
}
