import type { Guid } from '../../base/guid.ts';
import type { Log } from '../../base/log.ts';
import { thisProcess } from '../lease/lease-owner.ts';
import { systemLeaseClock } from '../lease/lease-clock.ts';
import { Lease } from '../lease/lease.ts';
import type { RunDeps } from './run-context.ts';

/**
 * Takes the lease of a VM for this process. If the holder may be dead, its file is watched;
 * meanwhile log and progress show the holder. Throws `lease.held`.
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

/** Logs what the run is waiting for. */
export const tellInLog =
  (log: Log): ((text: string) => void) =>
  (message) =>
    log({ level: 'warn', area: 'lease', message });

/** Shows what the run is waiting for, in log and progress. */
export function tellOfWait({
  log,
  progress,
}: Pick<RunDeps, 'log' | 'progress'>): (text: string) => void {
  return (message) => {
    tellInLog(log)(message);
    progress.phase(message, 0);
  };
}
