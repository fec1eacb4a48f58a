import tls from 'node:tls';
import { authError } from '../contract/auth-errors.ts';

/** OpenSSL's names for an answer that is not TLS. */
const NOT_TLS = /wrong[ _]version[ _]number|packet[ _]length[ _]too[ _]long|http[ _]request/i;
const PROBE_MS = 3000;

/**
 * Returns the error of a port that does not use TLS, if that caused `error`; undefined otherwise.
 */
export function plainPortError(error: Error, url: URL): Error | undefined {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (url.protocol !== 'https:' || !NOT_TLS.test(`${code} ${error.message}`)) return undefined;
  return authError(
    'http.tls.plain',
    `${url.host} does not use TLS: the port is for plain HTTP. Use http://${url.host}, or the HTTPS port (5986)`,
    { data: { url: url.href, system: code } },
  );
}

/**
 * Returns the error of a port that uses TLS but was addressed with plain HTTP, if a handshake
 * proves it; undefined otherwise.
 */
export async function tlsPortError(url: URL): Promise<Error | undefined> {
  if (url.protocol !== 'http:' || !(await speaksTls(url))) return undefined;
  return authError(
    'http.tls.expected',
    `${url.host} uses TLS. Use https://${url.host}, or the port for plain HTTP (5985)`,
    { data: { url: url.href } },
  );
}

/** Performs only the handshake and sends nothing else, since the peer is not trusted. */
function speaksTls(url: URL): Promise<boolean> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve) => {
    const socket = tls.connect({ host, port: Number(url.port || 80), rejectUnauthorized: false });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_MS, () => done(false));
    socket.once('secureConnect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
  });
}
