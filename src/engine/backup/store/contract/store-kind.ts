import type { StoreTarget } from '../../../api/store.ts';
import type { Store } from './store.ts';

/** A kind of store: a folder beside this one, and a row in open-store.ts. */
export interface StoreKind {
  /** For messages: `a folder`. */
  readonly name: string;
  /** Whether a location is one of this kind: a path, or a URL with a scheme of its own. */
  matches(location: string): boolean;
  /**
   * Opens the store at a location, or makes it with `create` if nothing is there. Throws `store.notFound` if the place is
   * absent, `store.notStore` if it holds something else, `store.version`, `store.damaged`, and `source.*`.
   */
  open(target: StoreTarget, create: boolean, signal: AbortSignal): Promise<Store>;
  /**
   * Every spelling of a location that names the same place, the given one first. A store that was seen at one of them and is
   * not there is absent, as a drive that is not mounted; it is never begun anew.
   */
  spellings(location: string): Promise<readonly string[]>;
}
