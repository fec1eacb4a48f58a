import { resolveVm } from '../../backup/points/vm-names.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { openKnownStore, type StorePresence } from '../../backup/store/open-store.ts';
import { plainTarget } from '../../backup/store/store-kinds.ts';
import { StorePlaces } from '../../backup/store/store-places.ts';
import type { OperationContext } from '../../operations/context/operation-context.ts';
import { listStorePoints } from '../../operations/store/list-store-points.ts';
import { listStoreVms } from '../../operations/store/list-store-vms.ts';
import { pointReport } from '../../operations/store/point-report.ts';
import type { Handlers } from '../contract/handlers.ts';

type Names = 'openStore' | 'storeVms' | 'storePoints' | 'pointReport';

/** Handles the requests that need only a store. */
export function storeHandlers({
  home,
  log,
}: Pick<OperationContext, 'home' | 'log'>): Handlers<Names> {
  const known = new StorePlaces(home);
  const open = (
    location: string,
    signal: AbortSignal,
    presence: StorePresence = 'existing',
  ): Promise<Store> => openKnownStore(plainTarget(location), presence, known, log, signal);
  return {
    openStore: async ({ path, create }, { signal }) => {
      const store = await open(path, signal, create ? 'asked' : 'existing');
      return { path: store.location, id: store.id };
    },
    storeVms: async ({ path }, { signal }) => listStoreVms(await open(path, signal), signal),
    storePoints: async ({ path, vm }, { signal }) => {
      const store = await open(path, signal);
      return listStorePoints(store, (await resolveVm(store, vm, signal)).id, signal);
    },
    pointReport: async ({ path, vm, point }, { signal }) => {
      const store = await open(path, signal);
      return pointReport(store, (await resolveVm(store, vm, signal)).id, point, signal);
    },
  };
}
