import { hostname, userInfo } from 'node:os';
import type { LeaseOwner } from './lease-file.ts';

/** This process as the owner of a lease. */
export function thisProcess(job: string): LeaseOwner {
  return { owner: account(), machine: hostname(), pid: process.pid, job };
}

function account(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return process.env['USERNAME'] ?? process.env['USER'] ?? 'unknown';
  }
}
