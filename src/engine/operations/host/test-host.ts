import type { HostTest } from '../../api/host.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';

/** Reaches the host, logs in and looks at its services. */
export function testHost(host: HypervBackupHost, signal: AbortSignal): Promise<HostTest> {
  return host.test(signal);
}
