import type { SubjectNode } from '../nodes/nodes.ts';
import type { HostServices } from './host-services.ts';

/** The VM or group of a host that is connected, by the ID under which a store knows it; waits until hosts have listed their groups. */
export async function subjectOfStore(
  { hosts, groups }: HostServices,
  id: string,
): Promise<SubjectNode | undefined> {
  for (const { id: hostId, host } of hosts.hosts) {
    const vm = hosts.vm(host, id);
    if (vm !== undefined) return vm;
    const group = (await groups.listed(hostId)).find(({ row }) => row.id === id);
    if (group !== undefined) return group;
  }
  return undefined;
}
