import type { Guid } from '../../base/guid.ts';
import { isEngineError } from '../../base/errors.ts';
import type { RunDeps, RunWarning } from '../context/run-context.ts';

/** Default time limit for merges of the host, in seconds. */
export const DEFAULT_MERGE_WAIT_SECONDS = 600;

/**
 * Waits, within a limit, until the host has merged the disks of a VM. The caller does not hold the
 * lease. A merge that remains, or cannot be checked, is a warning: the backup is complete without
 * it, and the host continues to merge.
 */
export async function settleMerges(
  { host, progress, log }: Pick<RunDeps, 'host' | 'progress' | 'log'>,
  vmId: Guid,
  seconds: number,
  signal: AbortSignal,
): Promise<readonly RunWarning[]> {
  const onWait = (files: readonly string[], waited: number): void => {
    const count = files.length === 1 ? 'one disk' : `${files.length} disks`;
    const what = files.length === 0 ? '' : `${count}, `;
    progress.phase(`Merging on the host: ${what}${waited} s of at most ${seconds} s`, 0);
  };
  try {
    await host.waitForMerge(vmId, { seconds, onWait }, signal);
    return [];
  } catch (error) {
    if (!signal.aborted && !isEngineError(error)) throw error;
    const { message } = error as Error;
    log({ level: 'warn', area: 'backup', message });
    return [{ code: isEngineError(error) ? error.code : 'cancelled', message }];
  }
}
