/**
 * Collections of VMs (Hyper-V Manager calls them VM groups): `groups.ts` finds and defines them,
 * `group-snapshots.ts` and `group-points.ts` freeze them, `vhd-sets.ts` and `guest-cluster.ts` read what
 * their members share. References go back to the host as it gave them, with all keys.
 */
import { tryParseGuid, type Guid } from '../../base/guid.ts';
import type { CimClient, ReferencedInstance } from '../../cim/client.ts';
import type { CimReference } from '../../cim/model.ts';
import { equals, select } from '../../cim/wql.ts';
import { associatedWith } from '../calls/jobs.ts';
import { COLLECTION_OPERATION } from '../calls/collection-operations.ts';
import { perform } from '../calls/perform.ts';
import { hostError } from '../hyperv-errors.ts';
import { hostComputerName } from '../inventory/computer-name.ts';
import { findOne, vmReferenceOf } from '../inventory/references.ts';
import { toVirtualMachine, type VirtualMachine } from '../inventory/virtual-machines.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

/** Type of DefineCollection: a collection of VMs. */
const OF_VMS = 0;

/** A collection of VMs. */
export interface Group {
  /** The GUID in CollectionID; that it is one is UNCONFIRMED. */
  readonly id: Guid;
  readonly name: string;
  /** The host's own reference. */
  readonly reference: CimReference;
}

/** Lists the collections of VMs of a host; empty if the host does not know the class. */
export async function listGroups(client: CimClient, signal: AbortSignal): Promise<Group[]> {
  return collect(client, select(CLASS.group), signal);
}

/**
 * Finds a collection by its ID, or by its name if only one has it. Throws `host.group.notFound`,
 * `host.group.ambiguous`; `host.rights` or `host.vmms` if the host shows nothing.
 */
export async function findGroup(
  client: CimClient,
  nameOrId: string,
  signal: AbortSignal,
): Promise<Group> {
  const id = tryParseGuid(nameOrId);
  const all = await listGroups(client, signal);
  const found = all.filter((each) => (id === undefined ? each.name === nameOrId : each.id === id));
  const [group, other] = found;
  if (group === undefined) {
    await hostComputerName(client, signal);
    const names = all.map(({ name }) => name).join(', ');
    throw hostError(
      'host.group.notFound',
      `The host has no group “${nameOrId}”; it has ${names === '' ? 'none' : names}`,
      { data: { found: nameOrId, expected: all.map((each) => each.id) } },
    );
  }
  if (other !== undefined) {
    const ids = found.map((each) => each.id);
    throw hostError(
      'host.group.ambiguous',
      `${found.length} groups are named “${nameOrId}”; give the ID of one: ${ids.join(', ')}`,
      { data: { found: nameOrId, ids } },
    );
  }
  return group;
}

/** Returns the members of a group, by their IDs. */
export async function groupMembers(
  client: CimClient,
  { reference }: Group,
  signal: AbortSignal,
): Promise<VirtualMachine[]> {
  const query = {
    object: reference,
    assocClass: CLASS.collectedSystems,
    resultClass: CLASS.computerSystem,
  };
  const members: VirtualMachine[] = [];
  for await (const { instance } of client.associators(query, signal)) {
    const vm = toVirtualMachine(new WmiRecord(instance));
    if (vm !== undefined) members.push(vm);
  }
  return members.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Creates a collection and adds VMs. If a VM cannot be added, the collection stays with those before it,
 * and the error says so.
 */
export async function defineGroup(
  client: CimClient,
  name: string,
  id: Guid,
  members: readonly Guid[],
  signal: AbortSignal,
): Promise<Group> {
  const vms: CimReference[] = [];
  for (const vm of members) vms.push(await vmReferenceOf(client, vm, signal));
  const args = { Name: name, Id: id.toUpperCase(), Type: OF_VMS };
  const job = await perform(client, COLLECTION_OPERATION.defineCollection, args, signal);
  const [made] =
    job === undefined ? [] : (await associatedWith(client, job, CLASS.group, signal)).map(toGroup);
  const group = made ?? (await findGroup(client, id, signal));
  for (const Member of vms) {
    const both = { Member, Collection: group.reference };
    await perform(client, COLLECTION_OPERATION.addMember, both, signal);
  }
  return group;
}

async function collect(client: CimClient, wql: string, signal: AbortSignal): Promise<Group[]> {
  const groups: Group[] = [];
  for await (const row of client.queryWithReferences(wql, signal)) groups.push(toGroup(row));
  return groups.sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
}

function toGroup({ instance, reference }: ReferencedInstance): Group {
  const row = new WmiRecord(instance);
  const text = row.requireText('CollectionID');
  const id = tryParseGuid(text.replace(/^microsoft:/i, ''));
  if (id === undefined) {
    throw hostError('host.value', `The CollectionID of a group is “${text}”; expected a GUID`, {
      data: { class: CLASS.group, found: text },
    });
  }
  return { id, name: row.text('ElementName') ?? '', reference };
}

/** Finds the row of a class with this CollectionID, and the host's reference; undefined if it is missing. */
export async function findCollection(
  client: CimClient,
  className: string,
  id: string,
  signal: AbortSignal,
): Promise<ReferencedInstance | undefined> {
  return findOne(client, className, equals('CollectionID', id), id, signal);
}
