import type { OnHost } from './ledger.ts';

/** Whether what a record names is on the host at hand. `unknown`: only a look at the host can tell. */
export type Whereabouts = 'here' | 'elsewhere' | 'unknown';

/**
 * Compares the name that the host reported when the record was made with the name it reports now. Addresses say nothing: one
 * host has several, and after a failover or a restored copy two hosts hold VMs of one id.
 */
export function whereabouts(record: OnHost, computerName: string | null): Whereabouts {
  if (record.computerName === null || computerName === null) return 'unknown';
  return sameComputer(record.computerName, computerName) ? 'here' : 'elsewhere';
}

/** Computer names know no case. */
export const sameComputer = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
