import type { StoreTarget } from '../../../api/store.ts';
import type { Store } from './store.ts';

/** A kind of store: a folder beside this one, and a row in store-kinds.ts. */
export interface StoreKind {
  /** Name in messages: `a folder`. */
  readonly name: string;
  /** Whether a location is of this kind: a path, or a URL with its own scheme. */
  matches(location: string): boolean;
  /**
   * Opens the store at a location; with `create`, makes it if the location is empty. Throws
   * `store.notFound` if the location is missing, `store.notStore` if it contains something else,
   * `store.version`, `store.damaged`, and `source.*`.
   */
  open(target: StoreTarget, create: boolean, signal: AbortSignal): Promise<Store>;
  /**
   * Returns every spelling of a location that names the same place, the given one first. If a store
   * was seen at one of them but is missing now, for example on an unmounted drive, it is absent,
   * and no new store is made.
   */
  spellings(location: string): Promise<readonly string[]>;
}
