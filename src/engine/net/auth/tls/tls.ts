import type https from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Secret } from '../contract/secret.ts';
import { authError } from '../contract/auth-errors.ts';

export interface TlsOptions {
  /** PEM of the authorities, or of the certificate itself, trusted instead of the system's. */
  readonly ca?: string;
  /** SHA-256 of the only accepted certificate, in hex with or without colons. */
  readonly fingerprint?: string;
  /** PEM of a client certificate and its key, sent to hosts that request one. */
  readonly cert?: string;
  readonly key?: string;
  /** Decrypts the key. */
  readonly passphrase?: Secret;
}

/**
 * Returns the settings of a connection whose certificate {@link certificateFailure} checks. Node's
 * own check is off only because it closes the socket before the certificate can be named in the
 * error. Sessions are not resumed, since a resumed one has no certificate.
 */
export function tlsSettings(tls: TlsOptions): https.AgentOptions {
  const { ca, cert, key, passphrase } = tls;
  const secret = passphrase?.reveal() ?? '';
  return {
    rejectUnauthorized: false,
    maxCachedSessions: 0,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(secret === '' ? {} : { passphrase: secret }),
    // Windows asks for the certificate after the handshake, which Node cannot answer in TLS 1.3.
    ...(cert === undefined ? {} : { maxVersion: 'TLSv1.2' as const }),
  };
}

/**
 * Returns the reason to reject a peer: its certificate is not the pinned one, or is not trusted for
 * this name; undefined if it is accepted.
 */
export function certificateFailure(
  socket: TLSSocket,
  tls: TlsOptions,
  url: URL,
): Error | undefined {
  const found = normaliseFingerprint(socket.getPeerCertificate().fingerprint256 ?? '');
  if (tls.fingerprint !== undefined) {
    const expected = normaliseFingerprint(tls.fingerprint);
    if (found !== '' && found === expected) return undefined;
    return authError(
      'http.tls.fingerprint',
      `The certificate of ${url.host} has the SHA-256 fingerprint ${found}; expected ${expected}. Nothing was sent`,
      { data: { url: url.href, found, expected } },
    );
  }
  if (socket.authorized) return undefined;
  const why = String(socket.authorizationError);
  return authError(
    'http.tls.unknownCertificate',
    `The certificate of ${url.host} is not trusted (${why}). Nothing was sent. Its SHA-256 fingerprint is ${found}`,
    { data: { url: url.href, system: why, fingerprint: found } },
  );
}

/** Converts a fingerprint to lower-case hex without colons and spaces. */
export function normaliseFingerprint(text: string): string {
  return text.replaceAll(/[:\s]/g, '').toLowerCase();
}
