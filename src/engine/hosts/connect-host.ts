import type { TransportTarget } from './transports/transport.ts';
import { transportOf } from './transports/transports.ts';
import { HypervBackupHost } from './hyperv-backup-host.ts';

/**
 * Creates a host that is reached by the transport of its address. Sends nothing before the first
 * call.
 */
export function connectHost(target: TransportTarget): HypervBackupHost {
  return new HypervBackupHost(transportOf(target.url).connect(target));
}
