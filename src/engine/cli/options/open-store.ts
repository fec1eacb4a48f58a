import { plainTarget } from '../../backup/store/store-kinds.ts';
import { StorePlaces } from '../../backup/store/store-places.ts';
import {
  openKnownStore,
  openStoreIfAny,
  type StorePresence,
} from '../../backup/store/open-store.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { userFolder } from '../../source/platform/user-folder.ts';
import type { Context } from '../contract/command.ts';
import { localPath, required } from './option-values.ts';

/** Opens the store of --store. @param presence whether to create a missing store. */
export function openStore(context: Context, presence: StorePresence): Promise<Store> {
  return openStoreAt(context, required(context, 'store'), presence);
}

/** Opens every store of a repeated option; creates none. */
export async function openStores(context: Context): Promise<Store[]> {
  const stores: Store[] = [];
  for (const text of context.options.texts('store')) {
    stores.push(await openStoreAt(context, text, 'existing'));
  }
  return stores;
}

/** Opens the store at a location as written on the command line. */
export function openStoreAt(
  context: Context,
  text: string,
  presence: StorePresence,
): Promise<Store> {
  const target = plainTarget(locationOf(context, text));
  return openKnownStore(target, presence, knownStores(context), context.log, context.signal);
}

/**
 * Opens the store of --store for a plan, without creating it; undefined if the backup would create
 * it.
 */
export function storeForPlan(
  context: Context,
  presence: 'required' | 'unknown',
): Promise<Store | undefined> {
  const target = plainTarget(locationOf(context, required(context, 'store')));
  return openStoreIfAny(target, presence, knownStores(context), context.signal);
}

/** Returns the location of the store of --store, as jobs name it. */
export const storeLocation = (context: Context): string =>
  locationOf(context, required(context, 'store'));

/** Returns a URL unchanged, and a path resolved against the current folder. */
function locationOf(context: Context, text: string): string {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text) ? text : localPath(context, text);
}

function knownStores(context: Context): StorePlaces {
  return new StorePlaces(userFolder(context.io.env));
}
