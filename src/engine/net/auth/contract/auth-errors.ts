import { defineErrors } from '../../../base/errors.ts';
import { withKinds } from '../../../cim/cim-errors.ts';

const wrong = { permanent: true, userFixable: true } as const;

const codes = defineErrors({
  /** The host requires a user and a password, and none was given. */
  'http.auth.missing': wrong,
  /** User or password are wrong. */
  'http.auth.failed': wrong,
  /** The host offers no scheme that this version speaks. */
  'http.auth.scheme': wrong,
  /** A password would cross the network readable. */
  'http.auth.plain': wrong,
  /** The certificate is not one that is trusted, nor the pinned one. */
  'http.tls.unknownCertificate': wrong,
  /** The certificate is not the one whose fingerprint was given. */
  'http.tls.fingerprint': wrong,
  /** https was asked of a port that does not speak TLS. */
  'http.tls.plain': wrong,
  /** Plain http was asked of a port that speaks TLS. */
  'http.tls.expected': wrong,
});

/** Errors of proving who asks, and who answers. Nothing was asked of the host then. */
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
