import type { ExchangeRecorder } from '../../base/exchange.ts';
import type { Log } from '../../base/log.ts';
import type { AuthenticationChoice } from '../auth/contract/scheme.ts';
import { usableSchemes } from '../auth/schemes.ts';
import { wsmanUrl } from './address.ts';
import { redactorOf } from '../auth/redact.ts';
import type { Credential } from '../auth/contract/secret.ts';
import type { TlsOptions } from '../auth/tls/tls.ts';
import { HttpWsmanClient } from './wsman-client.ts';

export interface WsmanTarget {
  /** `host`, `host:port`, `https://host:5986`, `http://host:5985`; see {@link wsmanUrl}. */
  readonly url: string;
  readonly credential: Credential | undefined;
  readonly authentication: AuthenticationChoice;
  /** `auto` may take NTLM if Kerberos is not possible; undefined: it may. */
  readonly ntlmFallback?: boolean;
  readonly tls: TlsOptions;
  readonly timeoutSeconds: number;
  readonly log: Log;
  /** Receives every exchange. */
  readonly recorder?: ExchangeRecorder | undefined;
}

const CONNECTIONS = 4;
const MAX_ANSWER = 16 * 2 ** 20;

/** Creates a client for a host. Sends nothing yet. Throws `http.url`, `http.auth.*`. */
export function connectWsman(target: WsmanTarget): HttpWsmanClient {
  const { credential, tls, log, ntlmFallback = true } = target;
  const secure = tls.ca !== undefined || tls.fingerprint !== undefined || tls.cert !== undefined;
  const url = wsmanUrl(target.url, secure);
  // A scheme that was chosen does not fall back to NTLM anyway; Windows' own decides by itself.
  const decides = target.authentication === 'auto' || target.authentication === 'sspi';
  const facts = {
    ntlmFallback: ntlmFallback || !decides,
    clientCertificate: tls.cert !== undefined,
  };
  return new HttpWsmanClient({
    http: {
      url,
      credential,
      schemes: usableSchemes(target.authentication, { ...facts, url, credential }),
      target: facts,
      log,
      tls,
      timeoutSeconds: target.timeoutSeconds,
      connections: CONNECTIONS,
      maxBody: MAX_ANSWER,
    },
    log,
    redact: redactorOf(credential ?? (tls.passphrase && { user: '', password: tls.passphrase })),
    recorder: target.recorder,
  });
}
