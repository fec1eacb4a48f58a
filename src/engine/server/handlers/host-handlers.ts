import { cleanOwn, cleanVm } from '../../backup/recovery/clean.ts';
import { userLedger } from '../../backup/ledger/ledger-file.ts';
import { openStoreAt, plainTarget } from '../../backup/store/store-kinds.ts';
import { StorePlaces } from '../../backup/store/store-places.ts';
import { openStoreIfAny } from '../../backup/store/open-store.ts';
import type { Log } from '../../base/log.ts';
import { readCertificate } from '../../net/http/read-certificate.ts';
import { wsmanUrl } from '../../net/wsman/connect-wsman.ts';
import { createOwnPoint, removePointByName } from '../../hosts/by-hand/hand-made-points.ts';
import type { HostPool } from '../../hosts/host-pool.ts';
import { readableLedgers } from '../../hosts/by-hand/readable-ledgers.ts';
import { ledgerOfUser } from '../../hosts/by-hand/known-ledger.ts';
import { planEveryKind } from '../../operations/plan-document.ts';
import { openedStores, openKnownStores } from '../../hosts/by-hand/known-stores.ts';
import { showVm } from '../../operations/vm-show.ts';
import type { Handlers } from '../contract/handlers.ts';

type Names =
  | 'certificate'
  | 'testHost'
  | 'listVms'
  | 'showVm'
  | 'planBackup'
  | 'createReferencePoint'
  | 'removeReferencePoint'
  | 'clean';

/** Requests that a host answers. */
export function hostHandlers(pool: HostPool, home: string, log: Log): Handlers<Names> {
  const own = (vmId: Parameters<typeof userLedger>[1]): ReturnType<typeof userLedger> =>
    userLedger(home, vmId);
  const known = new StorePlaces(home);
  return {
    certificate: ({ url, timeoutSeconds }, { signal }) =>
      readCertificate(wsmanUrl(url), timeoutSeconds, signal),
    testHost: ({ target }, { signal }) => pool.use(target, (host) => host.test(signal)),
    listVms: ({ target }, { signal }) => pool.use(target, (host) => host.listVms(signal)),
    showVm: ({ target, vm, stores }, { signal }) =>
      pool.use(target, async (host) => {
        const known = await openKnownStores(stores, signal);
        return showVm(host, vm, known, own, signal);
      }),
    planBackup: ({ target, vm, store, options }, { signal }) =>
      pool.use(target, async (host) =>
        // The job that follows makes no store.
        planEveryKind(
          host,
          vm,
          await openStoreIfAny(plainTarget(store), 'required', known, signal),
          options,
          signal,
        ),
      ),
    createReferencePoint: ({ target, vm, consistency }, { signal }) =>
      pool.use(target, async (host) => {
        const found = await host.findVm(vm, signal);
        const point = await createOwnPoint(
          host,
          found,
          ledgerOfUser(home, found.id),
          consistency,
          log,
          signal,
        );
        // It is made: whoever cancels now is told of it all the same.
        const shown = await showVm(
          host,
          found.id,
          openedStores([]),
          own,
          AbortSignal.timeout(60_000),
        );
        const row = shown.referencePoints.find(({ id }) => id === point.id);
        if (row === undefined) throw new Error(`the new reference point ${point.id} is not listed`);
        return row;
      }),
    removeReferencePoint: ({ target, vm, id, stores, foreign }, { signal }) =>
      pool.use(target, async (host) => {
        const found = await host.findVm(vm, signal);
        const known = await readableLedgers(stores, home, found.id, signal);
        await removePointByName(host, found, id, known, foreign, signal);
        return {};
      }),
    clean: ({ target, vm, store: path, pathMap, dryRun }, { signal, progress }) =>
      pool.use(target, async (host) => {
        const { id } = await host.findVm(vm, signal);
        const options = { dryRun, pathMap };
        if (path === null) return cleanOwn(host, id, own(id), options, signal);
        const store = await openStoreAt(plainTarget(path), signal);
        const onEdge = async (): Promise<void> => undefined;
        const deps = { host, store, progress, log, onEdge, now: Date.now };
        return cleanVm(deps, id, options, signal);
      }),
  };
}
