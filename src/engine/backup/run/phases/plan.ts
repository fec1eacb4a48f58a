import { pass } from '../../context/run-context.ts';
import { lastVerdicts } from '../../plan/last-verdicts.ts';
import { planBackup } from '../../plan/plan-backup.ts';
import { listPoints } from '../../points/catalog.ts';
import { checkMethods, requireMethod } from '../../read/methods.ts';
import { selectDisks } from '../../select/select-disks.ts';
import type { Planned, Recovered } from '../record/run-record.ts';

/** Plans the run. Throws `plan.*`, and the problem of a method that cannot read the disks. */
export async function planRun(run: Recovered, signal: AbortSignal): Promise<Planned> {
  const { deps, vmId, vm, options, keeper, computerName, notes } = run;
  const { host, store } = deps;
  await pass(deps, vmId, 'recovered');
  const points = await listPoints(store, vmId, signal);
  const { disks } = selectDisks(vm, options.excludeDisks);
  const methods = await checkMethods(disks, options, signal);
  const capabilities = await host.capabilities(signal);
  const plan = planBackup({
    methods,
    vm,
    capabilities,
    points,
    verdicts: await lastVerdicts(store, vmId, points, signal),
    ledger: keeper.ledger,
    computerName,
    options,
  });
  notes.warnings.push(...plan.warnings);
  // Checked before anything is created on the host: a missing path ends the run.
  requireMethod(plan.method, methods);
  await pass(deps, vmId, 'planned');
  return { ...run, capabilities, points, plan };
}
