import { hostname, userInfo } from 'node:os';
import type { LeaseOwner } from './lease-file.ts';
import { thisMachine } from './machine/this-machine.ts';

/** Returns this process as the owner of a lease. */
export async function thisProcess(job: string): Promise<LeaseOwner> {
  const here = await thisMachine();
  const { boot, namespace } = here;
  const { pid } = process;
  const started = here.startOf(pid);
  return { owner: account(), machine: hostname(), pid, job, boot, namespace, started };
}

function account(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user ID that has no name.
    return process.env['USERNAME'] ?? process.env['USER'] ?? 'unknown';
  }
}
