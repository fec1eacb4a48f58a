import type { HostTest } from '../../api/host.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';

/** Connects to the host, logs in and checks its services. */
export function testHost(host: HypervBackupHost, signal: AbortSignal): Promise<HostTest> {
  return host.test(signal);
}
