import { OID } from '../contract/mechanism-oids.ts';
import type { AcceptorMechanism, Mechanism } from '../contract/mechanism.ts';
import type { InitiatorInput } from '../contract/security-context.ts';
import { isNtlmMessage } from './messages/fields.ts';
import { ntlmAcceptor, type NtlmAcceptorInput } from './ntlm-acceptor.ts';
import { ntlmInitiator, type NtlmOptions } from './ntlm-initiator.ts';

/** Returns NTLM for SPNEGO, at the client's end. */
export function ntlmMechanism(input: InitiatorInput, options: NtlmOptions = {}): Mechanism {
  return { oid: OID.ntlm, create: () => ntlmInitiator(input, options) };
}

/** Returns NTLM for SPNEGO, at the service's end. */
export function ntlmAcceptorMechanism(input: NtlmAcceptorInput): AcceptorMechanism {
  return { oid: OID.ntlm, create: () => ntlmAcceptor(input), isOwnToken: isNtlmMessage };
}
