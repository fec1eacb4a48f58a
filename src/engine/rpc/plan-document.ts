import type { BackupPlan } from '../api/backup.ts';
import { emptyLedger } from '../backup/ledger.ts';
import { storeLedger } from '../backup/ledger-file.ts';
import type { BackupOptions } from '../backup/options.ts';
import { planBackup } from '../backup/plan-backup.ts';
import { listPoints } from '../backup/store/catalog.ts';
import type { Store } from '../backup/store/store.ts';
import type { HypervBackupHost } from './hyperv-backup-host.ts';

/** What a backup would be, and why. Nothing is made: a store that is not there yet is undefined, and holds no point. */
export async function planDocument(
  host: HypervBackupHost,
  vmName: string,
  store: Store | undefined,
  options: BackupOptions,
  signal: AbortSignal,
): Promise<BackupPlan> {
  const vm = await host.findVm(vmName, signal);
  const plan = planBackup({
    vm,
    capabilities: await host.capabilities(signal),
    points: store === undefined ? [] : await listPoints(store, vm.id, signal),
    ledger: store === undefined ? emptyLedger(vm.id) : await storeLedger(store, vm.id).load(signal),
    options,
  });
  return {
    vm: { id: vm.id, name: vm.name },
    kind: plan.kind,
    reason: plan.reason,
    method: plan.method,
    parent: plan.parent?.id ?? null,
    disks: plan.disks.map(({ disk, kind, reason }) => ({
      slot: disk.slot,
      path: disk.path,
      virtualSize: disk.virtualSize,
      kind,
      reason,
    })),
    excluded: plan.excluded,
    warnings: plan.warnings,
  };
}
