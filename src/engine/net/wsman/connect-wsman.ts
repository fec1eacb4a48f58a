import type { ExchangeRecorder } from '../../base/exchange.ts';
import type { Log } from '../../base/log.ts';
import type { AuthenticationChoice } from '../auth/contract/scheme.ts';
import { usableSchemes } from '../auth/schemes.ts';
import { httpError } from '../http/http-errors.ts';
import { redactorOf } from '../auth/redact.ts';
import type { Credential } from '../auth/contract/secret.ts';
import type { TlsOptions } from '../auth/tls/tls.ts';
import { HttpWsmanClient } from './wsman-client.ts';

export interface WsmanTarget {
  /** `https://host:5986`, `http://host:5985`; the path is /wsman. */
  readonly url: string;
  readonly credential: Credential | undefined;
  readonly authentication: AuthenticationChoice;
  readonly tls: TlsOptions;
  readonly timeoutSeconds: number;
  readonly log: Log;
  /** Receives every exchange. */
  readonly recorder?: ExchangeRecorder | undefined;
}

const CONNECTIONS = 4;
const MAX_ANSWER = 16 * 2 ** 20;
const DEFAULT_PORT = { 'http:': '5985', 'https:': '5986' } as const;

/** Creates a client for a host. Sends nothing yet. Throws `http.url`, `http.auth.*`. */
export function connectWsman(target: WsmanTarget): HttpWsmanClient {
  const url = wsmanUrl(target.url);
  const { credential } = target;
  return new HttpWsmanClient({
    http: {
      url,
      credential,
      schemes: usableSchemes(target.authentication, { url, credential }),
      tls: target.tls,
      timeoutSeconds: target.timeoutSeconds,
      connections: CONNECTIONS,
      maxBody: MAX_ANSWER,
    },
    log: target.log,
    redact: redactorOf(credential),
    recorder: target.recorder,
  });
}

/** Completes a host's address with WinRM's port and path. */
export function wsmanUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const shown = text.replace(/\/\/[^/]*@/, '//…@');
    throw httpError(
      'http.url',
      `“${shown}” is not the address of a host; expected an address such as https://hv01:5986 or http://localhost:5985`,
      { data: { found: shown } },
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw httpError('http.url', 'The address must not hold a user or a password', {
      data: { found: 'credentials' },
    });
  }
  // The URL class drops a port that is the scheme's default; the text still has it.
  if (
    url.port === '' &&
    !/^\w+:\/\/[^/?#]*:\d+(?:[/?#]|$)/.test(text.replace(/\[[^\]]*\]/, 'host'))
  ) {
    url.port = DEFAULT_PORT[url.protocol];
  }
  if (url.pathname === '/') url.pathname = '/wsman';
  return url;
}
