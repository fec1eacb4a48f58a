import type { Guid } from '../../base/guid.ts';
import type { Log } from '../../base/log.ts';
import { thisProcess } from '../lease/lease-owner.ts';
import { systemLeaseClock } from '../lease/lease-clock.ts';
import { Lease } from '../lease/lease.ts';
import type { RunDeps } from './run-context.ts';

/**
 * Takes the lease of a VM for this process. While the file of a holder that may be gone is watched, the log and the progress
 * name that holder. Throws `lease.held`.
 */
export async function takeLease(
  deps: Pick<RunDeps, 'store' | 'log' | 'progress'>,
  vmId: Guid,
  jobId: string,
  signal: AbortSignal,
): Promise<Lease> {
  const owner = await thisProcess(jobId);
  return Lease.acquire(deps.store, vmId, owner, signal, systemLeaseClock, tellOfWait(deps));
}

/** Says in the log what is waited for. */
export const tellInLog =
  (log: Log): ((text: string) => void) =>
  (message) =>
    log({ level: 'warn', area: 'lease', message });

/** Says in log and progress what is waited for. */
export function tellOfWait({
  log,
  progress,
}: Pick<RunDeps, 'log' | 'progress'>): (text: string) => void {
  return (message) => {
    tellInLog(log)(message);
    progress.phase(message, 0);
  };
}
