import type { FoundVm, VmRow } from '../../api/host.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';

/**
 * Lists every VM of the host that the account can see.
 * @param onFound receives each VM as it arrives, before the list is complete.
 */
export function listVms(
  host: HypervBackupHost,
  signal: AbortSignal,
  onFound?: (vm: FoundVm) => void,
): Promise<readonly VmRow[]> {
  return host.listVms(signal, onFound);
}
