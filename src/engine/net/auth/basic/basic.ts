import { httpError } from '../../http/http-errors.ts';
import type { Credential } from '../secret.ts';

/**
 * How a connection proves who asks. Basic repeats itself with each request; the schemes to come (NTLM,
 * Kerberos) will authenticate a socket once and seal bodies: they will own the socket through `prepare` and
 * `open`, which see each request and each answer.
 */
export interface Authentication {
  readonly scheme: 'none' | 'basic';
  /** Headers and body to send; may seal the body. */
  prepare(body: Buffer, contentType: string): PreparedRequest;
  /** Opens a sealed answer. */
  open(body: Buffer, contentType: string): Buffer;
}

export interface PreparedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly contentType: string;
}

export const noAuthentication: Authentication = {
  scheme: 'none',
  prepare: (body, contentType) => ({ headers: {}, body, contentType }),
  open: (body) => body,
};

/** RFC 7617. The password crosses the connection readable: only over TLS, or to this machine. */
export function basicAuthentication(credential: Credential): Authentication {
  return {
    scheme: 'basic',
    prepare: (body, contentType) => ({
      headers: {
        Authorization: `Basic ${Buffer.from(
          `${credential.user}:${credential.password.reveal()}`,
        ).toString('base64')}`,
      },
      body,
      contentType,
    }),
    open: (body) => body,
  };
}

/** Whether an address stays on this machine. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare);
}

/** Throws `http.auth.plain` where Basic would send the password over plain HTTP to another machine. */
export function checkBasicAllowed(url: URL): void {
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return;
  throw httpError(
    'http.auth.plain',
    `Basic would send the password readable to ${url.host}. Use https://${url.hostname}:5986 instead`,
    { data: { url: url.href } },
  );
}
