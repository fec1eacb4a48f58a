import { resolveVm } from '../../../backup/points/vm-names.ts';
import { restorePoint, type RestoreResult } from '../../../backup/restore/restore.ts';
import { nothing, type JobEnd, type JobSurroundings, type WorkOf } from '../../kinds/job-kind.ts';
import { openJobStore } from '../parts/open-for-job.ts';
import { logRestored } from '../parts/point-words.ts';
import { noteOf, type SpecOf } from '../../kinds/spec-of.ts';

type Spec = SpecOf<'restore'>;

/** Restores disks of a point to files. */
export async function performRestore(
  work: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<JobEnd<RestoreResult>> {
  const { spec } = work;
  const store = await openJobStore(work, around, 'existing', signal);
  const vm = await resolveVm(store, spec.vm, signal);
  around.identified(vm);
  const options = { ...spec, vmId: vm.id };
  const found = await restorePoint(store, options, around.progress, signal);
  const { point, disks, warnings } = found;
  logRestored(around.tell, point, disks);
  const result = {
    ...nothing,
    summary: `${point} restored to ${spec.to}; every disk was read back and matches its record`,
    point,
    files: disks.map(({ file }) => file),
    warnings: warnings.map(noteOf),
  };
  return { found, result };
}
