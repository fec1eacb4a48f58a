import tls from 'node:tls';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { httpError } from './http-errors.ts';
import { normaliseFingerprint } from '../auth/tls/tls.ts';

/** The certificate that a server presents, and whether this machine's authorities trust it. */
export interface ShownCertificate {
  /** SHA-256, lower-case hexadecimal. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
  readonly trusted: boolean;
  /** Node's code, such as `DEPTH_ZERO_SELF_SIGNED_CERT`; null if trusted. */
  readonly problem: string | null;
}

/**
 * Performs a TLS handshake and disconnects, without sending a request. Throws `http.unreachable`,
 * `http.timeout`.
 */
export async function readCertificate(
  url: URL,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<ShownCertificate> {
  const both = AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // SNI allows names only, not IP addresses.
  const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  // The URL class drops the port 443.
  const socket = tls.connect({
    host,
    port: Number(url.port || 443),
    rejectUnauthorized: false,
    ...name,
  });
  try {
    await shaken(socket, url, both);
    const found = socket.getPeerCertificate(true);
    return toShown(found, socket);
  } catch (error) {
    signal.throwIfAborted();
    if (!both.aborted) throw error;
    throw httpError(
      'http.timeout',
      `${url.host} did not complete the TLS handshake within ${timeoutSeconds} s`,
      {
        data: { url: url.href },
      },
    );
  } finally {
    socket.destroy();
  }
}

function shaken(socket: TLSSocket, url: URL, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    if (signal.aborted) reject(signal.reason as Error);
    socket.once('secureConnect', resolve);
    socket.once('error', (error) => {
      reject(
        httpError('http.unreachable', `${url.host} could not be reached: ${error.message}`, {
          data: { url: url.href },
          cause: error,
        }),
      );
    });
  });
}

function toShown(found: DetailedPeerCertificate, socket: TLSSocket): ShownCertificate {
  const problem = socket.authorized ? null : String(socket.authorizationError);
  return {
    fingerprint: normaliseFingerprint(found.fingerprint256 ?? ''),
    subject: nameOf(found.subject),
    issuer: nameOf(found.issuer),
    validFrom: time(found.valid_from),
    validTo: time(found.valid_to),
    trusted: socket.authorized,
    problem,
  };
}

function nameOf(name: object | undefined): string {
  const { CN, O } = (name ?? {}) as {
    readonly CN?: string | string[];
    readonly O?: string | string[];
  };
  return [CN ?? O ?? ''].flat().join(', ');
}

function time(text: string | undefined): string {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? '' : new Date(at).toISOString();
}
