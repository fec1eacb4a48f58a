import { resolveVm } from '../../../backup/points/vm-names.ts';
import {
  restoreWithWriter,
  type WriterRestored,
} from '../../../backup/vss/restore/restore-with-writer.ts';
import { nothing, type JobEnd, type JobSurroundings, type WorkOf } from '../../kinds/job-kind.ts';
import { openJobStore, withJobHost } from '../parts/open-for-job.ts';
import type { SpecOf } from '../../kinds/spec-of.ts';

type Spec = SpecOf<'writer'>;

/** Restores a VM of a set by the Hyper-V writer of the host. */
export async function performWriter(
  work: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<JobEnd<WriterRestored>> {
  const { spec, target } = work;
  const { progress, log, onWriterEdge: onEdge } = around;
  const store = await openJobStore(work, around, 'existing', signal);
  const vm = await resolveVm(store, spec.vm, signal);
  around.identified(vm);
  const found = await withJobHost(target, around, (host) => {
    const deps = { host, store, progress, log, onEdge, now: Date.now };
    return restoreWithWriter(deps, { ...spec, vmId: vm.id }, signal);
  });
  const { point, files } = found;
  const summary = `The Hyper-V writer registered “${found.vm.name}” from ${point}; every disk was read back and matches its record`;
  return { found, result: { ...nothing, summary, point, files } };
}
