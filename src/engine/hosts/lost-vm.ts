import { isEngineError } from '../base/errors.ts';
import type { Guid } from '../base/guid.ts';
import type { CimClient } from '../cim/client.ts';
import { hostError } from '../hyperv/hyperv-errors.ts';
import { clusterOwners } from '../hyperv/inventory/cluster-owners.ts';
import { ownRowName } from '../hyperv/inventory/computer-name.ts';
import { findVirtualMachine } from '../hyperv/inventory/virtual-machines.ts';

/**
 * Returns the error that explains why a call about a VM failed: `host.vm.moved` if the host shows
 * its services and not the VM, with the node that owns the VM now if the cluster knows it;
 * `host.rights` or `host.vmms` if the host shows nothing. Undefined if the VM is still on the host.
 * @param cause the failure to explain.
 */
export async function lostVm(
  client: CimClient,
  vmId: Guid,
  cause: Error,
  signal: AbortSignal,
): Promise<Error | undefined> {
  try {
    await findVirtualMachine(client, vmId, signal);
    return undefined;
  } catch (error) {
    if (isEngineError(error, 'host.rights', 'host.vmms')) {
      const text = `${error.message}. The VM ${vmId} is no longer visible. ${cause.message}`;
      return hostError(error.code, text, { data: { vm: vmId }, cause });
    }
    if (!isEngineError(error, 'host.vm.notFound')) throw error;
  }
  const node = (await clusterOwners(client, signal)).get(vmId) ?? null;
  const own = await ownRowName(client, signal);
  // If the cluster reports the VM on this host, it did not move.
  if (node !== null && node.toUpperCase() === own?.toUpperCase()) return undefined;
  const where = node === null ? 'was moved or removed' : `is on ${node} now`;
  return hostError(
    'host.vm.moved',
    `The VM ${vmId} left this host during the backup and ${where}. Nothing was changed there. ${cause.message}`,
    { data: { vm: vmId, node }, cause },
  );
}
