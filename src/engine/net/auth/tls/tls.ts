import type https from 'node:https';
import type { TLSSocket } from 'node:tls';
import { authError } from '../contract/auth-errors.ts';

export interface TlsOptions {
  /** PEM of the authorities, or of the certificate itself, to trust instead of the system's. */
  readonly ca?: string;
  /** SHA-256 of the certificate, in hex with or without colons: this one and no other. */
  readonly fingerprint?: string;
  /** PEM of a certificate of our own and of its key, shown to hosts that ask for one. */
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Settings of a connection whose certificate {@link certificateFailure} judges. Node's own refusal is off
 * only because it closes the socket before the certificate can be named in the error; sessions are not
 * resumed, since a resumed one shows no certificate.
 */
export function tlsSettings(tls: TlsOptions): https.AgentOptions {
  const { ca, cert, key } = tls;
  return {
    rejectUnauthorized: false,
    maxCachedSessions: 0,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** Why a peer is not to be talked to: not the pinned certificate, or none that is trusted for this name. */
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
      `The certificate of ${url.host} has the SHA-256 fingerprint ${found}; ${expected} was expected. Nothing was sent`,
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

/** Lower-case hex without colons. */
export function normaliseFingerprint(text: string): string {
  return text.replaceAll(':', '').toLowerCase();
}
