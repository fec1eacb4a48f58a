import type { VmRow } from '../../api/host.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';

/** Lists every VM of the host that the account can see. */
export function listVms(host: HypervBackupHost, signal: AbortSignal): Promise<readonly VmRow[]> {
  return host.listVms(signal);
}
