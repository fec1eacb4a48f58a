import { runBackup } from '../../../backup/run/run-backup.ts';
import { formatBytes } from '../../../base/format-bytes.ts';
import { nothing, type JobEnd, type JobSurroundings, type WorkOf } from '../../kinds/job-kind.ts';
import { openJobStore, withJobHost } from '../parts/open-for-job.ts';
import { performSet, type BackupFound } from './backup-set.ts';
import { logBackup } from '../parts/point-words.ts';
import { noteOf, type SpecOf } from '../../kinds/spec-of.ts';

type Spec = SpecOf<'backup'>;

/** Backs up the VM of a job, or its group; several VMs by `vss` in one set. */
export async function performBackup(
  work: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<JobEnd<BackupFound>> {
  if (work.spec.options.method === 'vss') return performSet(work, around, signal);
  const { progress, log, onEdge, mayMakeStore } = around;
  const { id, spec, target } = work;
  const found = await withJobHost(target, around, async (connected) => {
    const isGroup = spec.group === true;
    const host = isGroup ? await connected.groups.hostOf(spec.vm, signal) : connected;
    const vm = await host.identifyVm(spec.vm, signal);
    around.identified(vm);
    const store = await openJobStore(work, around, mayMakeStore ? 'unknown' : 'required', signal);
    await around.mirrorIn(store, vm.id, signal);
    const deps = { host, store, progress, log, onEdge, now: Date.now };
    return runBackup(deps, vm.id, spec.options, id, signal);
  });
  const { manifest, unfinished, protection } = found;
  logBackup(around.tell, manifest);
  const read = manifest.disks.reduce((sum, disk) => sum + disk.readBytes, 0);
  const kind = manifest.kind === 'full' ? 'full' : 'incremental';
  const result = {
    ...nothing,
    summary: `${kind} backup ${manifest.id}, ${formatBytes(read)} read`,
    kind: manifest.kind,
    readBytes: read,
    point: manifest.id,
    warnings: [...manifest.warnings, ...unfinished].map(noteOf),
    ...(protection.length === 0 ? {} : { protection }),
  };
  return { found, result };
}
