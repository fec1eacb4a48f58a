import type { VmRow } from '../../api/host.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';
import type { VirtualMachine } from '../../hyperv/inventory/virtual-machines.ts';

/** Maximum number of VMs that are listed with their counts, and that are handed over together. */
export const BATCH_VMS = 200;

/** A VM of a large host, with the cluster node that owns it; null if it is not clustered. */
export type StreamedVm = VirtualMachine & Pick<VmRow, 'node'>;

/**
 * Lists every VM that the account can see for people: at most {@link BATCH_VMS} by name and with their
 * counts, more of them as they arrive and in the host's order, since counts are known only at the end.
 * @param onBatch receives the VMs of a large host, and whether the host is clustered.
 * @returns the list of a host with few VMs; the number of VMs of a large one.
 */
export async function streamVms(
  host: HypervBackupHost,
  signal: AbortSignal,
  onBatch: (vms: readonly StreamedVm[], clustered: boolean) => void,
): Promise<readonly VmRow[] | number> {
  let waiting: VirtualMachine[] = [];
  let owners: Awaited<ReturnType<HypervBackupHost['clusterOwners']>> | undefined;
  let sent = 0;
  const send = async (): Promise<void> => {
    const known = (owners ??= await host.clusterOwners(signal));
    const batch = waiting.map((vm) => ({ ...vm, node: known.get(vm.id) ?? null }));
    onBatch(batch, known.size > 0);
    sent += waiting.length;
    waiting = [];
  };
  for await (const vm of host.eachVm(signal)) {
    // One more VM than a batch holds shows that there are too many to count.
    if (waiting.length === BATCH_VMS) await send();
    waiting.push(vm);
  }
  if (sent === 0) return host.countVms(waiting, signal);
  if (waiting.length > 0) await send();
  return sent;
}
