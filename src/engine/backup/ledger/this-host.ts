import type { OnHost } from './on-host.ts';

/** Whether a recorded object is on the current host. `unknown`: the host has to be asked. */
export type Whereabouts = 'here' | 'elsewhere' | 'unknown';

/**
 * Compares the name that the host reported at recording with the name it reports now. Addresses do
 * not identify a host: one host has several, and after a failover or a restored copy two hosts have
 * VMs with the same ID. Between the nodes of one cluster a VM moves with its checkpoints.
 * @param clusterNodes names of the nodes of the current host's cluster.
 */
export function whereabouts(
  { computerName: recorded }: OnHost,
  computerName: string | null,
  clusterNodes: readonly string[] = [],
): Whereabouts {
  if (recorded === null || computerName === null) return 'unknown';
  if (sameComputer(recorded, computerName)) return 'here';
  return clusterNodes.some((node) => sameComputer(node, recorded)) ? 'unknown' : 'elsewhere';
}

/** Compares computer names, without case. */
export const sameComputer = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
