import { resolveVm } from '../../../backup/points/vm-names.ts';
import { attachPoint } from './attach-point.ts';
import type { JobSurroundings, WorkOf } from '../../kinds/job-kind.ts';
import { openJobStore } from '../parts/open-for-job.ts';
import type { SpecOf } from '../../kinds/spec-of.ts';

type Spec = SpecOf<'attach'>;

/** Attaches a disk of a point until the job is cancelled. */
export async function performAttach(
  work: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<never> {
  const { spec } = work;
  const store = await openJobStore(work, around, 'existing', signal);
  const vm = await resolveVm(store, spec.vm, signal);
  around.identified(vm);
  return attachPoint(
    store,
    { ...spec, vmId: vm.id },
    ({ physicalPath, file }) => {
      const message = `${file} is attached read-only as ${physicalPath}`;
      around.tell({ level: 'info', area: 'attach', message });
      around.progress.phase(`Attached as ${physicalPath}`, 0);
    },
    signal,
  );
}
