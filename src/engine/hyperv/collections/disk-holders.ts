import { tryParseGuid } from '../../base/guid.ts';
import type { CimClient } from '../../cim/client.ts';
import { equals, select } from '../../cim/wql.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { eachVirtualMachine } from '../inventory/vm-list.ts';
import type { VirtualMachine } from '../inventory/virtual-machines.ts';

const VIRTUAL_HARD_DISK = 'Microsoft:Hyper-V:Virtual Hard Disk';

/** A VM that has a disk. */
export interface DiskHolder {
  readonly vm: VirtualMachine;
  /** One of the paths that were asked for. */
  readonly path: string;
}

/**
 * Returns the VMs of the host whose active settings have one of these files, with their states. VMs of other
 * nodes of a cluster are not seen.
 */
export async function diskHolders(
  client: CimClient,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly DiskHolder[]> {
  const wanted = new Map(paths.map((path) => [path.toLowerCase(), path]));
  const owners: { readonly id: string; readonly path: string }[] = [];
  const wql = select(CLASS.storage, equals('ResourceSubType', VIRTUAL_HARD_DISK));
  for await (const row of client.query(wql, signal)) {
    const record = new WmiRecord(row);
    const [file = ''] = record.texts('HostResource');
    const path = wanted.get(file.toLowerCase());
    if (path === undefined) continue;
    // Settings of checkpoints have the GUID of the checkpoint, which is not one of a VM.
    const [, owner = ''] = /^Microsoft:([^\\]+)/i.exec(record.requireText('InstanceID')) ?? [];
    const id = tryParseGuid(owner);
    if (id !== undefined) owners.push({ id, path });
  }
  const holders: DiskHolder[] = [];
  for await (const vm of eachVirtualMachine(client, signal)) {
    for (const { id, path } of owners) if (id === vm.id) holders.push({ vm, path });
  }
  return holders;
}
