import type { BackupPlan } from '../api/backup.ts';
import { emptyLedger } from '../backup/ledger.ts';
import { storeLedger } from '../backup/ledger-file.ts';
import type { BackupOptions } from '../backup/options.ts';
import { toLocalPath } from '../backup/path-map.ts';
import { planBackup, type BackupPlan as Plan } from '../backup/plan-backup.ts';
import { listPoints } from '../backup/store/catalog.ts';
import type { Store } from '../backup/store/store.ts';
import { isEngineError } from '../base/errors.ts';
import type { HypervBackupHost } from './hyperv-backup-host.ts';

type Warning = BackupPlan['warnings'][number];

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
    warnings: [...plan.warnings, ...pathWarnings(plan, options)],
  };
}

/** Paths that the run could not open from here: said in the plan, where the run would end. */
function pathWarnings(plan: Plan, { pathMap }: BackupOptions): readonly Warning[] {
  if (plan.method !== 'file') return [];
  return plan.disks.flatMap(({ disk }) => {
    try {
      toLocalPath(disk.path, pathMap);
      return [];
    } catch (error) {
      if (!isEngineError(error)) throw error;
      return [{ code: error.code, message: error.message }];
    }
  });
}
