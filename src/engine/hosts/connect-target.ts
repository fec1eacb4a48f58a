import { readFileSync } from 'node:fs';
import type { HostTarget } from '../api/host.ts';
import type { ExchangeRecorder } from '../base/exchange.ts';
import type { Log } from '../base/log.ts';
import { authError } from '../net/auth/contract/auth-errors.ts';
import { refusedPasswords } from '../net/auth/refused-passwords.ts';
import { Secret } from '../net/auth/contract/secret.ts';
import type { TlsOptions } from '../net/auth/tls/tls.ts';
import { wsmanUrl } from '../net/wsman/address.ts';
import { connectHost, type HostToConnect } from './connect-host.ts';
import type { HypervBackupHost } from './hyperv-backup-host.ts';

/**
 * Creates the host of a request or a job. Sends nothing before the first call.
 * @param recorder receives every exchange.
 */
export function connectTarget(
  target: HostTarget,
  log: Log,
  recorder?: ExchangeRecorder,
): HypervBackupHost {
  return connectHost(toConnect(target, log, recorder));
}

/** Returns how a host of a request or a job is reached. Throws `http.auth.missing` for its files. */
export function toConnect(
  target: HostTarget,
  log: Log,
  recorder: ExchangeRecorder | undefined,
): HostToConnect {
  const { url, authentication, user, password, ntlmFallback, timeoutSeconds, smb } = target;
  return {
    url,
    transport: target.transport ?? 'auto',
    cimProtocol: target.cimProtocol ?? 'wsman',
    authentication,
    ntlmFallback,
    credential: systemKnows(target) ? undefined : { user, password: new Secret(password) },
    tls: tlsOf(target),
    timeoutSeconds,
    smb,
    log,
    recorder,
  };
}

/** A person wants a password tried that the host may have refused before. */
export function tryAgain({ url, user, password }: HostTarget): void {
  const secure = /^https:/i.test(url);
  refusedPasswords.forget({
    url: wsmanUrl(url, secure),
    credential: { user, password: new Secret(password) },
  });
}

/** Without a user, and for Kerberos without a password, the system knows who logs in: the ticket cache or the user who is logged on. */
export const systemKnows = ({
  user,
  password,
  authentication,
}: Pick<HostTarget, 'user' | 'password' | 'authentication'>): boolean =>
  user === '' || (authentication === 'kerberos' && password === '');

function tlsOf({ ca, fingerprint, clientCertificate, password }: HostTarget): TlsOptions {
  return {
    ...(ca === null ? {} : { ca }),
    ...(fingerprint === null ? {} : { fingerprint }),
    ...(clientCertificate === null
      ? {}
      : {
          cert: readPem(clientCertificate.certificateFile, 'client certificate'),
          key: readPem(clientCertificate.keyFile, 'key of the client certificate'),
          passphrase: new Secret(password),
        }),
  };
}

/** Reads a file of this machine. Throws `http.auth.missing` if that is not possible. */
function readPem(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw authError(
      'http.auth.missing',
      `The ${what} cannot be read: ${(error as Error).message}`,
      {
        data: { path: file },
        cause: error,
      },
    );
  }
}
