import { resolveVm } from '../../../backup/points/vm-names.ts';
import type { ImportedVm } from '../../../backup/restore/import/import-options.ts';
import { importVm } from '../../../backup/restore/import/import-vm.ts';
import { nothing, type JobEnd, type JobSurroundings, type WorkOf } from '../../kinds/job-kind.ts';
import { openJobStore, withJobHost } from '../parts/open-for-job.ts';
import { noteOf, type SpecOf } from '../../kinds/spec-of.ts';

type Spec = SpecOf<'import'>;

/** Restores a point as a new VM. */
export async function performImport(
  work: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<JobEnd<ImportedVm>> {
  const { spec, target } = work;
  const { progress, log, onImportEdge } = around;
  const store = await openJobStore(work, around, 'existing', signal);
  const vm = await resolveVm(store, spec.vm, signal);
  around.identified(vm);
  const found = await withJobHost(target, around, (host) => {
    const deps = { host, store, progress, log, onEdge: onImportEdge, now: Date.now };
    return importVm(deps, { ...spec, vmId: vm.id }, signal);
  });
  const { name, point, disks, warnings } = found;
  const result = {
    ...nothing,
    summary: `${point} restored as the VM “${name}” (${found.id}); every disk was read back and matches its record`,
    point,
    files: disks.map(({ path }) => path),
    vm: { id: found.id, name },
    warnings: warnings.map(noteOf),
  };
  return { found, result };
}
