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
 * Errors of authenticating the client or the host. The host has received no request in these cases.
 */
export const authError = withKinds(codes, {
  'http.auth.missing': 'unreachable',
  'http.auth.failed': 'unreachable',
  'http.auth.scheme': 'unreachable',
  'http.auth.plain': 'unreachable',
  'http.tls.unknownCertificate': 'unreachable',
  'http.tls.fingerprint': 'unreachable',
  'http.tls.plain': 'unreachable',
  'http.tls.expected': 'unreachable',
});
