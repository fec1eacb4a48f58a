import type { OverPlan, OverPlanDisk } from '../../api/backup.ts';
import { storeLedger } from '../ledger/ledger-file.ts';
import type { DiskRecord } from '../manifest/manifest.ts';
import { Findings } from '../restore/findings.ts';
import type { OverOptions } from '../restore/over/over-options.ts';
import { planOver, type OverDiskPlan, type PlanDeps } from '../restore/over/plan-over.ts';
import { requireRoomForDisks } from '../restore/over/require-room.ts';
import { requireNone } from './restore-over.ts';

/**
 * Plans a restore over the disks of a VM with every obstacle as a finding, where a restore throws the
 * first one. Reads the VM's disks if nothing else prevents the restore, and writes nothing. Throws the
 * errors of host and store.
 */
export async function previewOver(
  deps: PlanDeps,
  options: Omit<OverOptions, 'confirm'>,
  signal: AbortSignal,
): Promise<OverPlan> {
  const { host, store, files } = deps;
  const found = new Findings();
  const ledger = await storeLedger(store, options.over).load(signal);
  await found.of(() => requireNone(ledger));
  const plan = await planOver(deps, options, found, signal);
  try {
    const { vm, point, records, disks: plans } = plan;
    if (plans.length > 0) await found.of(() => requireRoomForDisks(plans, files, signal));
    const disks = records.map((record, at) => {
      const old = vm.disks.find(({ slot }) => slot === record.slot)?.path ?? null;
      return diskOf(record, old, plans[at]);
    });
    const sum = (of: 'savedBytes' | 'writtenBytes'): number | null =>
      plans.length === 0 ? null : plans.reduce((total, plan) => total + plan[of], 0);
    return {
      computerName: await host.computerName(signal),
      vm: { id: vm.id, name: vm.name, state: vm.state },
      point: point.id,
      disks,
      writtenBytes: sum('writtenBytes'),
      savedBytes: sum('savedBytes'),
      findings: found.all,
    };
  } finally {
    await plan.close();
  }
}

/** @param plan undefined: the disk was not compared */
function diskOf(
  { number, name, slot, virtualSize }: DiskRecord,
  old: string | null,
  plan: OverDiskPlan | undefined,
): OverPlanDisk {
  const shown = { number, name, slot, old, virtualSize };
  if (plan === undefined) {
    return { ...shown, path: null, way: null, why: null, writtenBytes: null, savedBytes: null };
  }
  const { way, why, path, writtenBytes, savedBytes } = plan;
  return { ...shown, path: way === 'same' ? null : path, way, why, writtenBytes, savedBytes };
}
