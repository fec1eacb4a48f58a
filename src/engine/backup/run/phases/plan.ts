import type { CleanedItem } from '../../../api/backup.ts';
import { pass } from '../../context/run-context.ts';
import { forSubject, ownDisks, requireShared } from '../../plan/check-subject.ts';
import { checkMembers } from '../../plan/group-members.ts';
import { lastVerdicts } from '../../plan/last-verdicts.ts';
import { planBackup, type BackupPlan } from '../../plan/plan-backup.ts';
import { listPoints } from '../../points/catalog.ts';
import { checkForRun, requireMethod } from '../../read/methods.ts';
import { selectDisks } from '../../select/select-disks.ts';
import type { Planned, Recovered } from '../record/run-record.ts';

/** Plans the run. Throws `plan.*`, and the problem of a method that cannot read the disks. */
export async function planRun(run: Recovered, signal: AbortSignal): Promise<Planned> {
  const { deps, vmId, vm, options, keeper, computerName, notes } = run;
  const { host, store } = deps;
  await pass(deps, vmId, 'recovered', recoveredWords(notes.cleaned));
  const points = await listPoints(store, vmId, signal);
  const { disks } = selectDisks(vm, options.excludeDisks);
  const memberWarnings = await checkMembers(host, vm, points, options.withoutMembers ?? [], signal);
  const { local, mapped, remote } = run.files;
  const around = { options, local, mapped, remote };
  const own = ownDisks(disks);
  const methods = forSubject(vm, await checkForRun(own, options.method, around, signal));
  // Checked before anything is created on the host.
  await requireShared(disks, remote, signal);
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
    memberWarnings,
  });
  notes.warnings.push(...plan.warnings);
  // Checked before anything is created on the host: a missing path ends the run.
  requireMethod(plan.method, methods);
  await pass(deps, vmId, 'planned', plannedWords(plan));
  return { ...run, capabilities, points, plan };
}

function recoveredWords(cleaned: readonly CleanedItem[]): string {
  if (cleaned.length === 0) return 'Earlier runs left nothing on the host or in the store';
  return `Leftovers of earlier runs: ${cleaned.map(({ text }) => text).join('; ')}`;
}

function plannedWords({ kind, method, disks, reason }: BackupPlan): string {
  const changes = disks.filter((disk) => disk.kind === 'incr').length;
  const what = kind === 'full' ? 'a full backup' : 'an incremental backup';
  return `Planned ${what} by method ${method}: disks in full ${disks.length - changes}, by their changes ${changes}. Reason: ${reason.text}`;
}
