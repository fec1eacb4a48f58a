import { isEngineError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { DirectoryStore } from './directory/directory-store.ts';
import type { StorePlaces } from './store-places.ts';
import { storeError } from './contract/store-errors.ts';

/**
 * Whether a missing store is made:
 * - `existing`: never; a place that is not a store is an error as it is.
 * - `required`: never; the store is expected, as by a schedule: any absence is `store.absent`.
 * - `unknown`: only if no store was ever seen at this place, and the folder is empty or absent.
 * - `asked`: if the folder is empty or absent.
 */
export type StorePresence = 'existing' | 'required' | 'unknown' | 'asked';

/**
 * Opens the store in `folder` and notes it as known to this user. Throws `store.absent` if a store is expected there and none is
 * found, as in the mount point of a drive that is not mounted; nothing is written then.
 */
export async function openKnownStore(
  folder: string,
  presence: StorePresence,
  known: StorePlaces,
  log: Log,
  signal: AbortSignal,
): Promise<DirectoryStore> {
  const store = await openOrMake(folder, presence, known, signal);
  await known.note(folder, store.id).catch((error: unknown) => {
    const message = `The store ${folder} could not be noted as known: ${(error as Error).message}`;
    log({ level: 'warn', area: 'store', message });
  });
  return store;
}

/** The same, but undefined if no store is expected there: what it would hold is nothing. Makes and notes nothing. */
export async function openStoreIfAny(
  folder: string,
  presence: 'required' | 'unknown',
  known: StorePlaces,
  signal: AbortSignal,
): Promise<DirectoryStore | undefined> {
  try {
    return await DirectoryStore.open(folder, { create: false }, signal);
  } catch (error) {
    const found = holds(error);
    if (found === undefined) throw error;
    if (presence === 'required' || (await known.has(folder))) throw absent(folder, found, error);
    if (found !== '') throw error;
    return undefined;
  }
}

async function openOrMake(
  folder: string,
  presence: StorePresence,
  known: StorePlaces,
  signal: AbortSignal,
): Promise<DirectoryStore> {
  if (presence === 'asked') return DirectoryStore.open(folder, { create: true }, signal);
  try {
    return await DirectoryStore.open(folder, { create: false }, signal);
  } catch (error) {
    const found = holds(error);
    if (found === undefined) throw error;
    if (presence === 'required' || (await known.has(folder))) throw absent(folder, found, error);
    if (presence === 'existing') throw error;
  }
  return DirectoryStore.open(folder, { create: true }, signal);
}

/** What lies there instead of a store: '' for nothing. Undefined for any other failure. */
function holds(error: unknown): string | undefined {
  if (isEngineError(error, 'store.notFound')) return '';
  if (!isEngineError(error, 'store.notStore')) return undefined;
  return typeof error.data['found'] === 'string' ? error.data['found'] : '';
}

function absent(folder: string, found: string, cause: unknown): Error {
  const what = isEngineError(cause, 'store.notFound')
    ? 'the folder does not exist'
    : found === ''
      ? 'the folder is empty'
      : `the folder holds ${found} and is not a store`;
  return storeError(
    'store.absent',
    `The store ${folder} is not there; is it mounted? Expected a store, but ${what}`,
    { data: { store: folder, found }, cause },
  );
}
