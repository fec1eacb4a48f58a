import type { HostTarget } from '../../../api/host.ts';
import type { HypervBackupHost } from '../../../hosts/hyperv-backup-host.ts';
import type { Store } from '../../../backup/store/contract/store.ts';
import { openKnownStore, type StorePresence } from '../../../backup/store/open-store.ts';
import { plainTarget } from '../../../backup/store/store-kinds.ts';
import { StorePlaces } from '../../../backup/store/store-places.ts';
import type { JobSurroundings, WorkOf } from '../../kinds/job-kind.ts';

/** Connects to a job's host for as long as `work` takes. */
export async function withJobHost<T>(
  target: HostTarget | null,
  { log, recorder }: Pick<JobSurroundings, 'log' | 'recorder'>,
  work: (host: HypervBackupHost) => Promise<T>,
): Promise<T> {
  if (target === null) throw new Error('a job of a host without its target');
  // Loaded here, since jobs of a store do without.
  const { connectTarget } = await import('../../../hosts/connect-target.ts');
  const host = connectTarget(target, log, recorder);
  try {
    return await work(host);
  } finally {
    await host.close();
  }
}

/** Opens the store that a job names, with the secrets that the job carries. */
export function openJobStore(
  { spec, store }: WorkOf<{ readonly store: string }>,
  { home, log }: Pick<JobSurroundings, 'home' | 'log'>,
  presence: StorePresence,
  signal: AbortSignal,
): Promise<Store> {
  const target = store ?? plainTarget(spec.store);
  return openKnownStore(target, presence, new StorePlaces(home), log, signal);
}
