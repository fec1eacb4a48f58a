import { openStoreAt, plainTarget } from '../../backup/store/store-kinds.ts';
import { resolveVm } from '../../backup/points/vm-names.ts';
import type { Guid } from '../../base/guid.ts';
import type { Log } from '../../base/log.ts';
import {
  convertCheckpointByName,
  createOwnCheckpoint,
  removeCheckpointByName,
} from '../../hosts/by-hand/hand-made-checkpoints.ts';
import { repairLedger } from '../../hosts/by-hand/repair-ledger.ts';
import { readableLedgers } from '../../hosts/by-hand/readable-ledgers.ts';
import type { HostPool } from '../../hosts/host-pool.ts';
import { ledgerOfUser } from '../../hosts/by-hand/known-ledger.ts';
import type { Handlers } from '../contract/handlers.ts';

type Names = 'createCheckpoint' | 'convertCheckpoint' | 'removeCheckpoint' | 'repairLedger';

/** Requests for checkpoints and ledgers by hand. */
export function byHandHandlers(pool: HostPool, home: string, log: Log): Handlers<Names> {
  const ledgers = (stores: readonly string[], vmId: Guid, signal: AbortSignal) =>
    readableLedgers(stores, home, vmId, signal);
  return {
    createCheckpoint: ({ target, vm, consistency }, { signal }) =>
      pool.use(target, async (host) => {
        const found = await host.findVm(vm, signal);
        const ledger = ledgerOfUser(home, found.id);
        const { id } = await createOwnCheckpoint(host, found, ledger, consistency, log, signal);
        return { id };
      }),
    convertCheckpoint: ({ target, vm, id, stores, foreign }, { signal }) =>
      pool.use(target, async (host) => {
        const found = await host.findVm(vm, signal);
        const known = await ledgers(stores, found.id, signal);
        const point = await convertCheckpointByName(host, found, id, known, foreign, log, signal);
        return { id: point.id };
      }),
    removeCheckpoint: ({ target, vm, id, stores, foreign }, { signal }) =>
      pool.use(target, async (host) => {
        const found = await host.findVm(vm, signal);
        const known = await ledgers(stores, found.id, signal);
        await removeCheckpointByName(host, found, id, known, foreign, signal);
        return {};
      }),
    repairLedger: ({ target, vm, store: path, apply }, { signal }) =>
      pool.use(target, async (host) => {
        const store = await openStoreAt(plainTarget(path), signal);
        const found = await resolveVm(store, vm, signal);
        return repairLedger(host, store, found, apply, signal);
      }),
  };
}
