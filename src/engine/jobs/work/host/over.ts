import { restoreOver } from '../../../backup/replace/restore-over.ts';
import { acceptRestore, undoOver } from '../../../backup/replace/settle-over.ts';
import { resolveVm } from '../../../backup/points/vm-names.ts';
import type { OverDocument, SettledOver } from '../../../backup/restore/over/over-options.ts';
import { parseGuid } from '../../../base/guid.ts';
import { nothing, type JobEnd, type JobSurroundings, type WorkOf } from '../../kinds/job-kind.ts';
import { openJobStore, withJobHost } from '../parts/open-for-job.ts';
import { noteOf, type SpecOf } from '../../kinds/spec-of.ts';

type Spec = SpecOf<'over'>;

/** Document of a restore over a VM, or of its undo or acceptance: the other one is null. */
export interface OverFound {
  readonly restored: OverDocument | null;
  readonly settled: SettledOver | null;
}

/** Restores a point over the disks of a VM; undoes or accepts that. */
export async function performOver(
  work: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<JobEnd<OverFound>> {
  const { spec, target } = work;
  const { progress, log, onOverEdge: onEdge } = around;
  const over = parseGuid(spec.over);
  const store = await openJobStore(work, around, 'existing', signal);
  return withJobHost(target, around, async (host) => {
    const deps = { host, store, progress, log, onEdge, now: Date.now };
    if (spec.action !== 'restore') {
      around.identified(await host.identifyVm(over, signal));
      const settle = spec.action === 'undo' ? undoOver : acceptRestore;
      return settledEnd(await settle(deps, { ...spec, over }, signal));
    }
    const vm = await resolveVm(store, spec.vm, signal);
    around.identified(vm);
    return restoredEnd(await restoreOver(deps, { ...spec, over, vmId: vm.id }, signal));
  });
}

function restoredEnd(found: OverDocument): JobEnd<OverFound> {
  const { vm, point, disks, warnings } = found;
  const result = {
    ...nothing,
    summary: `${point} restored over the disks of “${vm.name}”; every disk was read back and matches its record. The old disks are kept`,
    point,
    files: disks.filter(({ way }) => way !== 'same').map(({ path }) => path),
    warnings: warnings.map(noteOf),
  };
  return { found: { restored: found, settled: null }, result };
}

function settledEnd(found: SettledOver): JobEnd<OverFound> {
  const { point, outcome, disks } = found;
  const summary =
    outcome === 'undone'
      ? `The restore of ${point} was undone: the VM has its old disks`
      : `The restore of ${point} was accepted: it cannot be undone any more`;
  const result = { ...nothing, summary, point, files: disks.map(({ path }) => path) };
  return { found: { restored: null, settled: found }, result };
}
