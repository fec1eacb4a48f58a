import { defineErrors } from '../../base/errors.ts';

const theirs = { userFixable: true } as const;
const wrong = { permanent: true, userFixable: true } as const;

export const httpError = defineErrors({
  /** No connection: name unknown, refused, unreachable. */
  'http.unreachable': theirs,
  /** The connection ended before the answer was whole: what was asked may have been done. */
  'http.lost': {},
  'http.timeout': {},
  /** The certificate is not one that is trusted, nor the pinned one. */
  'http.tls.unknownCertificate': wrong,
  /** The certificate is not the one whose fingerprint was given. */
  'http.tls.fingerprint': wrong,
  /** https was asked of a port that does not speak TLS. */
  'http.tls.plain': wrong,
  /** Plain http was asked of a port that speaks TLS. */
  'http.tls.expected': wrong,
  /** The host wants a user and a password, and none was given. */
  'http.auth.missing': wrong,
  /** User or password are wrong. */
  'http.auth.failed': wrong,
  /** The host offers no scheme that this version speaks. */
  'http.auth.scheme': wrong,
  /** A password would cross the network readable. */
  'http.auth.plain': wrong,
  'http.url': wrong,
  'http.status': {},
  /** 503: the service behind the port does not take the request now. */
  'http.unavailable': {},
  'http.tooLarge': { permanent: true },
});
