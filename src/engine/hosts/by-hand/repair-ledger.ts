import type { LedgerRepair } from '../../api/store.ts';
import type { BackupHost } from '../../backup/host/host.ts';
import { readLedger, withLease } from '../../backup/ledger/ledger-file.ts';
import { rebuildLedger } from '../../backup/ledger/rebuild-ledger.ts';
import { emptyLedger } from '../../backup/ledger/ledger.ts';
import type { HeldLease } from '../../backup/context/run-context.ts';
import { listPoints } from '../../backup/points/catalog.ts';
import { ledgerPath } from '../../backup/store/contract/layout.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import type { Guid } from '../../base/guid.ts';

/**
 * Rebuilds the ledger of a VM in a store from the manifests and the host's list. Without `apply`,
 * only reports the planned changes. Keeps a damaged file beside the new one. Throws `lease.held`,
 * and `ledger.version` if a newer program wrote the ledger.
 */
export async function repairLedger(
  host: BackupHost,
  store: Store,
  vm: { readonly id: Guid; readonly name: string },
  apply: boolean,
  signal: AbortSignal,
): Promise<LedgerRepair> {
  if (!apply) return repair(host, store, vm, undefined, signal);
  const work = (held: AbortSignal, lease: HeldLease): Promise<LedgerRepair> =>
    repair(host, store, vm, lease, held);
  return withLease(store, vm.id, 'ledger repair', work, signal);
}

async function repair(
  host: BackupHost,
  store: Store,
  vm: { readonly id: Guid; readonly name: string },
  /** Lease under which the ledger is written; undefined: the ledger is not written. */
  lease: HeldLease | undefined,
  signal: AbortSignal,
): Promise<LedgerRepair> {
  const file = await readLedger(store, vm.id, signal);
  const time = new Date().toISOString();
  const checkpoints = await host.listCheckpoints(vm.id, signal);
  const { ledger, added, unclaimed } = rebuildLedger(
    file.ledger ?? emptyLedger(vm.id),
    await listPoints(store, vm.id, signal),
    await host.listReferencePoints(vm.id, signal),
    { url: host.url, computerName: await host.computerName(signal) },
    time,
  );
  const owned = ledger.checkpoints.map(({ id }) => id.toLowerCase());
  const changes = file.problem !== null || added.length > 0;
  let keptAs: string | null = null;
  if (lease !== undefined && changes) {
    await lease.assertHeld(signal);
    if (file.problem !== null && file.bytes !== undefined) {
      keptAs = `${vm.id}/ledger-damaged-${time.replace(/[-:]|\.\d+/g, '')}.json`;
      await store.createAbsent(keptAs, file.bytes, signal);
    }
    await file.save(ledger, signal);
  }
  return {
    vm,
    store: store.location,
    file: ledgerPath(vm.id),
    problem: file.problem,
    applied: lease !== undefined && changes,
    keptAs,
    added: added.map(({ id, pointId, state, computerName }) => ({
      id,
      pointId,
      state,
      computerName,
    })),
    unclaimed: [
      ...unclaimed.map((id) => ({ kind: 'referencePoint' as const, id })),
      ...checkpoints
        .filter(({ type, id }) => type === 'backup' && !owned.includes(id.toLowerCase()))
        .map(({ id }) => ({ kind: 'checkpoint' as const, id })),
    ],
  };
}
