import type { BackupPlan } from '../api/backup.ts';
import { emptyLedger } from '../backup/ledger/ledger.ts';
import { storeLedger } from '../backup/ledger/ledger-file.ts';
import type { BackupOptions } from '../backup/host/options.ts';
import { planBackup } from '../backup/plan/plan-backup.ts';
import type { MethodCheck } from '../backup/read/method.ts';
import { checkMethods, readMethod } from '../backup/read/methods.ts';
import { selectDisks } from '../backup/select/select-disks.ts';
import { lastVerdicts } from '../backup/plan/last-verdicts.ts';
import { listPoints } from '../backup/points/catalog.ts';
import type { Store } from '../backup/store/contract/store.ts';
import type { HypervBackupHost } from '../hosts/hyperv-backup-host.ts';

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
  const { disks } = selectDisks(vm, options.excludeDisks);
  const methods = await checkMethods(disks, options, signal);
  const points = store === undefined ? [] : await listPoints(store, vm.id, signal);
  const plan = planBackup({
    vm,
    methods,
    capabilities: await host.capabilities(signal),
    points,
    verdicts: store === undefined ? new Map() : await lastVerdicts(store, vm.id, points, signal),
    ledger: store === undefined ? emptyLedger(vm.id) : await storeLedger(store, vm.id).load(signal),
    computerName: await host.computerName(signal),
    options,
  });
  return {
    vm: { id: vm.id, name: vm.name },
    kind: plan.kind,
    reason: plan.reason,
    method: plan.method,
    parent: plan.parent?.id ?? null,
    disks: plan.disks.map(({ disk, kind, reason }) => ({
      number: vm.disks.indexOf(disk),
      slot: disk.slot,
      path: disk.path,
      virtualSize: disk.virtualSize,
      kind,
      reason,
    })),
    excluded: plan.excluded,
    methods: methods.map(methodDocument),
    warnings: [
      ...plan.warnings,
      ...methods.filter(({ method }) => method === plan.method).flatMap(pathWarnings),
    ],
  };
}

const methodDocument = ({
  method,
  problem,
  folders,
}: MethodCheck): BackupPlan['methods'][number] => ({
  method,
  possible: problem === null,
  code: problem?.code ?? null,
  reason: problem?.message ?? readMethod(method).possible,
  folders,
});

/** Tells in the plan what would end the run. */
const pathWarnings = ({ problem }: MethodCheck): readonly Warning[] =>
  problem === null ? [] : [{ code: problem.code, message: problem.message }];
