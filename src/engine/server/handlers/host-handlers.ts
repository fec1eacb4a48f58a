import type { ExchangeRecorder } from '../../base/exchange.ts';
import type { BackupHost } from '../../backup/host/host.ts';
import { openStoreIfAny } from '../../backup/store/open-store.ts';
import { openStoreAt, plainTarget } from '../../backup/store/store-kinds.ts';
import { StorePlaces } from '../../backup/store/store-places.ts';
import { openedStores, openKnownStores } from '../../hosts/by-hand/known-stores.ts';
import { tryAgain } from '../../hosts/connect-target.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';
import type { HostPool } from '../../hosts/host-pool.ts';
import { createAndShowReferencePoint } from '../../operations/by-hand/create-reference-point.ts';
import { removeReferencePoint } from '../../operations/by-hand/remove-reference-point.ts';
import type { OperationContext } from '../../operations/context/operation-context.ts';
import { hostCertificate } from '../../operations/host/host-certificate.ts';
import { listVms } from '../../operations/host/list-vms.ts';
import { testHost } from '../../operations/host/test-host.ts';
import { testFileAccess } from '../../operations/host/test-smb.ts';
import { cleanLeftovers } from '../../operations/vm/clean-vm.ts';
import { planEveryKind } from '../../operations/vm/plan-backup.ts';
import { previewRestoreOver } from '../../operations/vm/plan-over.ts';
import { planRestoreAsVm } from '../../operations/vm/plan-restore.ts';
import { planSetDocument } from '../../operations/vm/plan-set.ts';
import { showVm } from '../../operations/vm/show-vm.ts';
import { listOwnedShadows } from '../../operations/vss/list-shadows.ts';
import type { Handlers } from '../contract/handlers.ts';

type Names =
  | 'certificate'
  | 'testHost'
  | 'testFileAccess'
  | 'listVms'
  | 'showVm'
  | 'listGroups'
  | 'showGroup'
  | 'createGroup'
  | 'planBackup'
  | 'planSet'
  | 'listShadows'
  | 'planImport'
  | 'planOver'
  | 'createReferencePoint'
  | 'removeReferencePoint'
  | 'clean';

type Surroundings = Pick<OperationContext, 'home' | 'log'> & {
  /** Receives the exchanges with file servers. */
  readonly recorder: ExchangeRecorder;
};

/** Handles the requests that need a host. */
export function hostHandlers(pool: HostPool, own: Surroundings): Handlers<Names> {
  const known = new StorePlaces(own.home);
  return {
    certificate: (params, { signal }) => hostCertificate(params, signal),
    testHost: ({ target }, { signal }) => {
      // Windows send it for a password that a person has just typed.
      tryAgain(target);
      return pool.use(target, (host) => testHost(host, signal));
    },
    testFileAccess: ({ target, place }, { signal }) =>
      testFileAccess(target, place, signal, own.recorder),
    listVms: ({ target }, { signal, part }) =>
      pool.use(target, (host) => listVms(host, signal, part)),
    showVm: ({ target, vm, stores }, { signal }) =>
      pool.use(target, async (host) =>
        showVm(own, host, { vm, stores: await openKnownStores(stores, signal) }, signal),
      ),
    listGroups: ({ target }, { signal }) => pool.use(target, (host) => host.groups.list(signal)),
    showGroup: ({ target, group }, { signal }) =>
      pool.use(target, (host) => host.groups.show(group, signal)),
    createGroup: ({ target, name, members }, { signal }) =>
      pool.use(target, (host) => host.groups.create(name, members, signal)),
    planBackup: ({ target, vm, group = false, store: location, options }, { signal }) =>
      pool.use(target, async (host) => {
        // The job that follows does not create a store.
        const store = await openStoreIfAny(plainTarget(location), 'required', known, signal);
        return planEveryKind(await subjectOf(host, vm, group, signal), vm, store, options, signal);
      }),
    planSet: ({ target, vms, ...options }, { signal }) =>
      pool.use(target, (host) => planSetDocument(host, vms, options, signal)),
    listShadows: ({ target, stores }, { signal }) =>
      pool.use(target, async (host) =>
        listOwnedShadows(host, await openKnownStores(stores, signal), signal),
      ),
    planImport: ({ target, store: location, vm, choices }, { signal }) =>
      pool.use(target, async (host) => {
        const store = await openStoreAt(plainTarget(location), signal);
        return planRestoreAsVm(host, store, vm, choices, signal);
      }),
    planOver: ({ target, store: location, vm, choices }, { signal, progress }) =>
      pool.use(target, async (host) => {
        const store = await openStoreAt(plainTarget(location), signal);
        const deps = { host, store, progress, now: Date.now };
        return previewRestoreOver(deps, vm, choices, signal);
      }),
    createReferencePoint: ({ target, vm, consistency }, { signal, progress }) =>
      pool.use(target, (host) => {
        const wanted = { vm, consistency, stores: openedStores([]) };
        return createAndShowReferencePoint({ ...own, progress }, host, wanted, signal);
      }),
    removeReferencePoint: ({ target, vm, id, stores, foreign }, { signal, progress }) =>
      pool.use(target, async (host) => {
        const named = { vm, id, foreign, stores: await openKnownStores(stores, signal) };
        await removeReferencePoint({ ...own, progress }, host, named, signal);
        return {};
      }),
    clean: (
      { target, vm, group = false, store: location, pathMap, dryRun },
      { signal, progress },
    ) =>
      pool.use(target, async (host) => {
        const subject = await subjectOf(host, vm, group, signal);
        const options = { dryRun, pathMap };
        const store =
          location === null ? undefined : await openStoreAt(plainTarget(location), signal);
        const request = { vm, store, options };
        return (await cleanLeftovers({ ...own, progress }, subject, request, signal)).items;
      }),
  };
}

/** Returns the host, with the group in place of a VM if `vm` names one. */
const subjectOf = async (
  host: HypervBackupHost,
  vm: string,
  group: boolean,
  signal: AbortSignal,
): Promise<BackupHost> => (group ? host.groups.hostOf(vm, signal) : host);
