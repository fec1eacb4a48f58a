import type { OnHost } from './ledger.ts';

/** Whether a recorded object is on the current host. `unknown`: the host has to be asked. */
export type Whereabouts = 'here' | 'elsewhere' | 'unknown';

/**
 * Compares the name that the host reported at recording with the name it reports now. Addresses do
 * not identify a host: one host has several, and after a failover or a restored copy two hosts have
 * VMs with the same ID.
 */
export function whereabouts(record: OnHost, computerName: string | null): Whereabouts {
  if (record.computerName === null || computerName === null) return 'unknown';
  return sameComputer(record.computerName, computerName) ? 'here' : 'elsewhere';
}

/** Compares computer names, without case. */
export const sameComputer = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
