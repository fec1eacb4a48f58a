import type { HostTarget } from '../api/host.ts';
import type { ExchangeRecorder } from '../base/exchange.ts';
import type { Log } from '../base/log.ts';
import { Secret } from '../net/auth/contract/secret.ts';
import { connectHost } from './connect-host.ts';
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
  const { url, authentication, user, password, fingerprint, ca, timeoutSeconds } = target;
  return connectHost({
    url,
    authentication,
    credential: user === '' ? undefined : { user, password: new Secret(password) },
    tls: {
      ...(ca === null ? {} : { ca }),
      ...(fingerprint === null ? {} : { fingerprint }),
    },
    timeoutSeconds,
    log,
    recorder,
  });
}
