import { authError } from '../contract/auth-errors.ts';
import { plainSession, type AuthScheme } from '../contract/scheme.ts';

/** The name of the scheme, which is a header by itself (DSP0226 C.3.1.7; MS-WSMV 2.2.9.2). */
export const CERTIFICATE_WORD =
  'http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual';

/**
 * A client certificate, shown in the TLS handshake. The host maps it to a local account; domain
 * accounts are not possible.
 */
export const certificate: AuthScheme = {
  name: 'certificate',
  words: [CERTIFICATE_WORD],
  needsPassword: false,
  provesPassword: false,
  automatic: ({ clientCertificate = false }) => clientCertificate,
  objection({ url, clientCertificate = false }) {
    if (url.protocol === 'https:' && clientCertificate) return undefined;
    const missing = clientCertificate
      ? `${url.host} is reached without TLS: use https://${url.hostname}:5986`
      : 'no certificate and key were given';
    return authError(
      'http.auth.missing',
      `A login by client certificate is not possible: ${missing}`,
      {
        data: { url: url.href },
      },
    );
  },
  begin: () =>
    plainSession(
      CERTIFICATE_WORD,
      async () => ({ token: Buffer.alloc(0), complete: true }),
      'certificate',
    ),
};
