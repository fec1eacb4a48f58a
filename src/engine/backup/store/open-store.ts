import { isEngineError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { StoreTarget } from '../../api/store.ts';
import { kindOf, openStoreAt } from './store-kinds.ts';
import type { Store } from './contract/store.ts';
import type { StorePlaces } from './store-places.ts';
import { storeError } from './contract/store-errors.ts';

/**
 * Whether to create a missing store:
 * - `existing`: never; the error describes what is at the location.
 * - `required`: never; the store is expected, as by a schedule, so any absence is `store.absent`.
 * - `unknown`: only if no store was ever seen at this location, and the folder is empty or missing.
 * - `asked`: if the folder is empty or missing.
 */
export type StorePresence = 'existing' | 'required' | 'unknown' | 'asked';

/**
 * Opens the store at a location and records it as known to this user. Writes nothing and throws
 * `store.absent` if an expected store is missing, as in the mount point of a drive that is not
 * mounted.
 */
export async function openKnownStore(
  target: StoreTarget,
  presence: StorePresence,
  known: StorePlaces,
  log: Log,
  signal: AbortSignal,
): Promise<Store> {
  const { location } = target;
  const store = await openOrMake(target, presence, known, signal);
  await known.note(location, store.id).catch((error: unknown) => {
    const message = `The store ${location} could not be recorded as known: ${(error as Error).message}`;
    log({ level: 'warn', area: 'store', message });
  });
  return store;
}

/**
 * Does the same, but returns undefined if no store is expected there, since it would be empty.
 * Creates and records nothing.
 */
export async function openStoreIfAny(
  target: StoreTarget,
  presence: 'required' | 'unknown',
  known: StorePlaces,
  signal: AbortSignal,
): Promise<Store | undefined> {
  try {
    return await openStoreAt(target, signal);
  } catch (error) {
    const found = holds(error);
    if (found === undefined) throw error;
    if (presence === 'required' || (await known.has(target.location)))
      throw absent(target.location, found, error);
    if (found !== '') throw error;
    return undefined;
  }
}

async function openOrMake(
  target: StoreTarget,
  presence: StorePresence,
  known: StorePlaces,
  signal: AbortSignal,
): Promise<Store> {
  const { location } = target;
  const make = (): Promise<Store> => kindOf(location).open(target, true, signal);
  if (presence === 'asked') return make();
  try {
    return await openStoreAt(target, signal);
  } catch (error) {
    const found = holds(error);
    if (found === undefined) throw error;
    if (presence === 'required' || (await known.has(target.location)))
      throw absent(target.location, found, error);
    if (presence === 'existing') throw error;
  }
  return make();
}

/**
 * Describes what is at the location instead of a store: '' for nothing. Undefined for any other
 * failure.
 */
function holds(error: unknown): string | undefined {
  if (isEngineError(error, 'store.notFound')) return '';
  if (!isEngineError(error, 'store.notStore')) return undefined;
  return typeof error.data['found'] === 'string' ? error.data['found'] : '';
}

function absent(location: string, found: string, cause: unknown): Error {
  const what = isEngineError(cause, 'store.notFound')
    ? 'the folder does not exist'
    : found === ''
      ? 'the folder is empty'
      : `the folder contains ${found} and is not a store`;
  return storeError(
    'store.absent',
    `The store ${location} is missing: expected a store, but ${what}. Check that it is mounted`,
    { data: { store: location, found }, cause },
  );
}
