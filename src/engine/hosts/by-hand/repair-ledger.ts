import type { LedgerRepair } from '../../api/store.ts';
import type { BackupHost } from '../../backup/host/host.ts';
import { readLedger, withLease } from '../../backup/ledger/ledger-file.ts';
import { rebuildLedger } from '../../backup/ledger/rebuild-ledger.ts';
import { emptyLedger, type Ledger } from '../../backup/ledger/ledger.ts';
import { readRestores } from '../../backup/ledger/restores-file.ts';
import type { HeldLease } from '../../backup/context/run-context.ts';
import { listPoints, type PointEntry } from '../../backup/points/catalog.ts';
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
  const isWhole = file.ledger !== undefined && file.bytes !== undefined;
  const points = await listPoints(store, vm.id, signal);
  const restores = isWhole ? {} : await readRestores(store, vm.id, signal);
  const rebuilt = rebuildLedger(
    { ...(file.ledger ?? emptyLedger(vm.id)), ...restores },
    points,
    await host.listReferencePoints(vm.id, signal),
    { url: host.url, computerName: await host.computerName(signal) },
    time,
  );
  const { added, unclaimed } = rebuilt;
  // Without the record of restores over the VM, a reference point may describe disks that were replaced.
  const ledger =
    restores === undefined ? withAllStale(rebuilt.ledger, points, time) : rebuilt.ledger;
  const owned = ledger.checkpoints.map(({ id }) => id.toLowerCase());
  const found = restores !== undefined && Object.keys(restores).length > 0;
  const changes = file.problem !== null || added.length > 0 || found;
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

/** Records that no reference point is known to describe the disks of now. */
function withAllStale(ledger: Ledger, points: readonly PointEntry[], time: string): Ledger {
  const disks = points.flatMap((each) => (each.state === 'complete' ? each.manifest.disks : []));
  const locations = [...new Set(disks.map(({ locationId }) => locationId))];
  const owned = ledger.referencePoints.filter(({ state }) => state !== 'destroyed');
  if (owned.length === 0 || locations.length === 0) return ledger;
  return { ...ledger, stale: owned.map(({ id }) => ({ id, pointId: '', time, locations })) };
}
