import type { Store } from '../../backup/store/contract/store.ts';
import { openKnownStore, type StorePresence } from '../../backup/store/open-store.ts';
import { plainTarget } from '../../backup/store/store-kinds.ts';
import { StorePlaces } from '../../backup/store/store-places.ts';
import type { JobSurroundings, WorkOf } from './job-kind.ts';

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
