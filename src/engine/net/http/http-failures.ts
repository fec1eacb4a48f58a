import { EngineError } from '../../base/errors.ts';
import { httpError } from './http-errors.ts';
import { plainPortError } from '../auth/tls/wrong-port.ts';

const UNREACHABLE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name is unknown',
  EAI_AGAIN: 'the name cannot be resolved now',
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ETIMEDOUT: 'the host does not respond',
  EADDRNOTAVAIL: 'the address cannot be used',
};

/**
 * Describes a failed request for people, with the next step. `connected`: the request may have
 * arrived.
 */
export function connectionFailure(error: Error, url: URL, connected: boolean): Error {
  if (error instanceof EngineError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const data = { url: url.href, system: code };
  const plain = plainPortError(error, url);
  if (plain !== undefined) return plain;
  const why = UNREACHABLE[code];
  if (why !== undefined && !connected) {
    return httpError(
      'http.unreachable',
      `${url.host} cannot be reached: ${why} (${code}). Check the address, and that WinRM is listening${proxyNote()}`,
      { data, cause: error },
    );
  }
  return httpError('http.lost', `The connection to ${url.host} was lost: ${reasonOf(error)}`, {
    data,
    cause: error,
  });
}

/** Says that a proxy of the environment is not used, if there is one. */
function proxyNote(): string {
  const names = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'];
  const name = Object.keys(process.env).find((each) => names.includes(each.toUpperCase()));
  return name === undefined
    ? ''
    : `. Connections to hosts are direct: the proxy of ${name} is not used`;
}

/** OpenSSL's messages name lines of its own sources; only its reason is useful. */
function reasonOf(error: Error): string {
  const { reason } = error as { readonly reason?: unknown };
  return typeof reason === 'string' && reason !== '' ? reason : error.message;
}
