import { tryParseGuid, type Guid } from '../../base/guid.ts';
import { isAnswer } from '../../cim/cim-errors.ts';
import type { CimClient } from '../../cim/client.ts';
import { CLUSTER, type CimValue } from '../../cim/model.ts';
import { equals, select } from '../../cim/wql.ts';
import { WmiRecord } from '../wmi-record.ts';

/** Type of the resource that is a VM; its name is not localised. */
const VIRTUAL_MACHINE = 'Virtual Machine';

/**
 * Returns the node that owns each clustered VM, from the failover cluster's own classes. Empty if
 * the host is not a node of a cluster, or the account may not read its namespace: a list of VMs does
 * not fail for that. Only reads.
 */
export async function clusterOwners(
  client: CimClient,
  signal: AbortSignal,
): Promise<ReadonlyMap<Guid, string>> {
  const wql = select('MSCluster_Resource', equals('Type', VIRTUAL_MACHINE));
  const owners = new Map<Guid, string>();
  try {
    for await (const resource of client.query({ namespace: CLUSTER, wql }, signal)) {
      const node = new WmiRecord(resource).text('OwnerNode');
      const id = vmOf(resource.properties.get('PrivateProperties'));
      if (node !== null && id !== undefined) owners.set(id, node);
    }
  } catch (error) {
    if (!isAnswer(error)) throw error;
  }
  return owners;
}

/** Returns the names of the nodes of the host's cluster; empty if it is not clustered, or not readable. */
export async function clusterNodes(
  client: CimClient,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const nodes: string[] = [];
  try {
    const from = { namespace: CLUSTER, className: 'MSCluster_Node' };
    for await (const row of client.enumerate(from, signal)) {
      nodes.push(new WmiRecord(row).requireText('Name'));
    }
  } catch (error) {
    if (!isAnswer(error)) throw error;
  }
  return nodes;
}

/** The ID of a resource's VM is one of the private properties, which are an object of their own. */
function vmOf(properties: CimValue | undefined): Guid | undefined {
  if (typeof properties !== 'object' || properties === null || !('properties' in properties)) {
    return undefined;
  }
  const id = properties.properties.get('VmID');
  return typeof id === 'string' ? tryParseGuid(id) : undefined;
}
