import type { StoreTarget } from '../../api/store.ts';
import { storeError } from './contract/store-errors.ts';
import type { StoreKind } from './contract/store-kind.ts';
import type { Store } from './contract/store.ts';
import { DIRECTORY_KIND } from './directory/directory-kind.ts';

/** Every kind of store; the first kind that matches a location opens it. */
const STORE_KINDS: readonly StoreKind[] = [DIRECTORY_KIND];

/** Returns the kind of store for a location. Throws `store.location` if no kind matches. */
export function kindOf(location: string): StoreKind {
  const kind = STORE_KINDS.find((each) => each.matches(location));
  if (kind !== undefined) return kind;
  const expected = STORE_KINDS.map(({ name }) => name);
  throw storeError(
    'store.location',
    `Invalid store location ${location}: expected ${expected.join(' or ')}`,
    { data: { found: location, expected } },
  );
}

/** Opens the store at a location. Creates and records nothing. Throws `store.*`, `source.*`. */
export function openStoreAt(target: StoreTarget, signal: AbortSignal): Promise<Store> {
  return kindOf(target.location).open(target, false, signal);
}

/** Returns a target without secrets. */
export const plainTarget = (location: string): StoreTarget => ({ location, secrets: {} });
