import type { KnownStores } from '../../hosts/by-hand/known-stores.ts';

/** A checkpoint or reference point of a VM, by its ID. */
export interface NamedObject {
  readonly vm: string;
  readonly id: string;
  /** Stores whose ledgers may contain it. */
  readonly stores: KnownStores;
  /** Accepts an object that is in no ledger. */
  readonly foreign: boolean;
}

/** A checkpoint or reference point to create. */
export interface NewObject {
  readonly vm: string;
  readonly consistency: 'application' | 'crash';
  /** The first store's ledger records it; the user's own ledger if there are no stores. */
  readonly stores: KnownStores;
}
