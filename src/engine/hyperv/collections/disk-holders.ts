import { tryParseGuid } from '../../base/guid.ts';
import type { CimClient } from '../../cim/client.ts';
import { equals, select } from '../../cim/wql.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { eachVirtualMachine } from '../inventory/vm-list.ts';
import type { VirtualMachine } from '../inventory/virtual-machines.ts';

const VIRTUAL_HARD_DISK = 'Microsoft:Hyper-V:Virtual Hard Disk';

/**
 * Returns the VMs of the host whose active settings have one of these files, with their states. VMs of other
 * nodes of a cluster are not seen.
 */
export async function diskHolders(
  client: CimClient,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly VirtualMachine[]> {
  const wanted = new Set(paths.map((path) => path.toLowerCase()));
  const owners = new Set<string>();
  const wql = select(CLASS.storage, equals('ResourceSubType', VIRTUAL_HARD_DISK));
  for await (const row of client.query(wql, signal)) {
    const record = new WmiRecord(row);
    const [path = ''] = record.texts('HostResource');
    if (!wanted.has(path.toLowerCase())) continue;
    // Settings of checkpoints have the GUID of the checkpoint, which is not one of a VM.
    const [, owner = ''] = /^Microsoft:([^\\]+)/i.exec(record.requireText('InstanceID')) ?? [];
    const id = tryParseGuid(owner);
    if (id !== undefined) owners.add(id);
  }
  const holders: VirtualMachine[] = [];
  for await (const vm of eachVirtualMachine(client, signal))
    if (owners.has(vm.id)) holders.push(vm);
  return holders;
}
