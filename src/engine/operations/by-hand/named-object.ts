import type { KnownStores } from '../../hosts/by-hand/known-stores.ts';

/** One checkpoint or reference point of a VM, by its id. */
export interface NamedObject {
  readonly vm: string;
  readonly id: string;
  /** Stores whose ledgers may know it. */
  readonly stores: KnownStores;
  /** Take it although it is in no ledger. */
  readonly foreign: boolean;
}

/** A checkpoint or reference point that is to be made. */
export interface NewObject {
  readonly vm: string;
  readonly consistency: 'application' | 'crash';
  /** The first one's ledger keeps it; the user's own if there is none. */
  readonly stores: KnownStores;
}
