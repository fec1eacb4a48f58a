import { openStoreAt, plainTarget } from '../../backup/store/store-kinds.ts';
import { openedStores, openKnownStores } from '../../hosts/by-hand/known-stores.ts';
import type { HostPool } from '../../hosts/host-pool.ts';
import { convertCheckpoint } from '../../operations/by-hand/convert-checkpoint.ts';
import { createCheckpoint } from '../../operations/by-hand/create-checkpoint.ts';
import { removeCheckpoint } from '../../operations/by-hand/remove-checkpoint.ts';
import { repairLedgerOf } from '../../operations/by-hand/repair-ledger.ts';
import type { OperationContext } from '../../operations/context/operation-context.ts';
import type { Handlers } from '../contract/handlers.ts';

type Names = 'createCheckpoint' | 'convertCheckpoint' | 'removeCheckpoint' | 'repairLedger';

/** Handles the requests for checkpoints and ledgers by hand. */
export function byHandHandlers(
  pool: HostPool,
  own: Pick<OperationContext, 'home' | 'log'>,
): Handlers<Names> {
  return {
    createCheckpoint: ({ target, vm, consistency }, { signal, progress }) =>
      pool.use(target, async (host) => {
        const wanted = { vm, consistency, stores: openedStores([]) };
        const { id } = await createCheckpoint({ ...own, progress }, host, wanted, signal);
        return { id };
      }),
    convertCheckpoint: ({ target, vm, id, stores, foreign }, { signal, progress }) =>
      pool.use(target, async (host) => {
        const named = { vm, id, foreign, stores: await openKnownStores(stores, signal) };
        const point = await convertCheckpoint({ ...own, progress }, host, named, signal);
        return { id: point.id };
      }),
    removeCheckpoint: ({ target, vm, id, stores, foreign }, { signal, progress }) =>
      pool.use(target, async (host) => {
        const named = { vm, id, foreign, stores: await openKnownStores(stores, signal) };
        await removeCheckpoint({ ...own, progress }, host, named, signal);
        return {};
      }),
    repairLedger: ({ target, vm, store: location, apply }, { signal }) =>
      pool.use(target, async (host) => {
        const store = await openStoreAt(plainTarget(location), signal);
        return repairLedgerOf(host, { store, vm, apply }, signal);
      }),
  };
}
