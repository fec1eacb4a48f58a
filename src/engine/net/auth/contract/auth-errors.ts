import { defineErrors } from '../../../base/errors.ts';
import { withKinds } from '../../../cim/cim-errors.ts';

const wrong = { permanent: true, userFixable: true } as const;

const codes = defineErrors({
  /** The host requires credentials, but the target has no credentials. */
  'http.auth.missing': wrong,
  /** User or password is wrong. */
  'http.auth.failed': wrong,
  /** The host offers no scheme that this version supports. */
  'http.auth.scheme': wrong,
  /** A password would cross the network in plain text. */
  'http.auth.plain': wrong,
  /** The clock of this computer differs too much from the clock of the domain controller or the host. */
  'http.auth.clock': wrong,
  /**
   * The peer, or somebody in between, removed a part of the negotiation: NTLMv2, the integrity check
   * of the messages, a mechanism of the list.
   */
  'http.auth.downgrade': { permanent: true },
  /** The password or the account has expired. */
  'http.auth.expired': wrong,
  /** No key distribution center (domain controller) of the realm answers. */
  'http.auth.kdc': { userFixable: true },
  /** A library of the system that the login needs is missing or cannot be used. */
  'http.auth.library': wrong,
  /** The account is locked or disabled. */
  'http.auth.locked': wrong,
  /** The negotiation ended, or would end, in another mechanism than the requested one. */
  'http.auth.mechanism': wrong,
  /** No password was given, and the ticket cache has no valid ticket. */
  'http.auth.noTicket': wrong,
  /** The host did not prove that it knows the key of its account. */
  'http.auth.peer': wrong,
  /** A sealed message was altered, replayed or reordered, or is not sealed. */
  'http.auth.sealed': {},
  /** The realm has no service with the name of the host. */
  'http.auth.spn': wrong,
  /** The security library of the system reports another failure. */
  'http.auth.system': wrong,
  /** The token of the peer is invalid. */
  'http.auth.token': wrong,
  /** The mechanism does not grant mutual authentication, integrity and confidentiality. */
  'http.auth.unprotected': wrong,
  /** The certificate is neither trusted nor the pinned one. */
  'http.tls.unknownCertificate': wrong,
  /** The certificate does not have the given fingerprint. */
  'http.tls.fingerprint': wrong,
  /** An https URL names a port that does not use TLS. */
  'http.tls.plain': wrong,
  /** An http URL names a port that uses TLS. */
  'http.tls.expected': wrong,
});

/**
 * Errors of authenticating the client or the host. The host has received no request in these cases,
 * except `http.auth.sealed`, whose request may have been carried out.
 */
export const authError = withKinds(codes, {
  'http.auth.missing': 'unreachable',
  'http.auth.failed': 'unreachable',
  'http.auth.scheme': 'unreachable',
  'http.auth.plain': 'unreachable',
  'http.auth.clock': 'unreachable',
  'http.auth.downgrade': 'unreachable',
  'http.auth.expired': 'unreachable',
  'http.auth.kdc': 'unreachable',
  'http.auth.library': 'unreachable',
  'http.auth.locked': 'unreachable',
  'http.auth.mechanism': 'unreachable',
  'http.auth.noTicket': 'unreachable',
  'http.auth.peer': 'unreachable',
  'http.auth.spn': 'unreachable',
  'http.auth.system': 'unreachable',
  'http.auth.token': 'unreachable',
  'http.auth.unprotected': 'unreachable',
  'http.tls.unknownCertificate': 'unreachable',
  'http.tls.fingerprint': 'unreachable',
  'http.tls.plain': 'unreachable',
  'http.tls.expected': 'unreachable',
});
