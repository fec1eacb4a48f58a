import type { HostTarget } from '../../api/host.ts';
import { connectTarget } from '../../hosts/connect-target.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';
import type { JobSurroundings } from './job-kind.ts';

/** Connects to a job's host for as long as `work` takes. */
export async function withJobHost<T>(
  target: HostTarget | null,
  { log, recorder }: Pick<JobSurroundings, 'log' | 'recorder'>,
  work: (host: HypervBackupHost) => Promise<T>,
): Promise<T> {
  if (target === null) throw new Error('a job of a host without its target');
  const host = connectTarget(target, log, recorder);
  try {
    return await work(host);
  } finally {
    await host.close();
  }
}
