import { backupError } from '../../../backup/errors/backup-errors.ts';
import type { BackupResult } from '../../../backup/run/run-backup.ts';
import { runSet, type SetResult } from '../../../backup/vss/run-set.ts';
import { formatBytes } from '../../../base/format-bytes.ts';
import { nothing, type JobEnd, type JobSurroundings, type WorkOf } from '../../kinds/job-kind.ts';
import { openJobStore, withJobHost } from '../parts/open-for-job.ts';
import { logBackup } from '../parts/point-words.ts';
import { noteOf, type SpecOf } from '../../kinds/spec-of.ts';

/** Result of a backup; of a set, that of its first point. */
export type BackupFound = BackupResult & { readonly set?: SetResult };

/**
 * Backs up the VMs of a job in one shadow copy set. Throws the error of the first VM if none has a
 * point; otherwise what failed with one VM is the failure of the job beside the points of the others.
 */
export async function performSet(
  work: WorkOf<SpecOf<'backup'>>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<JobEnd<BackupFound>> {
  const { progress, log, onEdge, mayMakeStore } = around;
  const { id, spec, target } = work;
  if (spec.group === true) {
    const text = 'A group is not backed up by the method vss: name its VMs instead';
    throw backupError('plan.method', text, { data: { found: 'vss', group: spec.vm } });
  }
  const set = await withJobHost(target, around, async (host) => {
    const vms = [];
    for (const name of spec.vms ?? [spec.vm]) vms.push(await host.identifyVm(name, signal));
    const [first] = vms;
    if (first !== undefined) around.identified(first);
    const store = await openJobStore(work, around, mayMakeStore ? 'unknown' : 'required', signal);
    if (first !== undefined) await around.mirrorIn(store, first.id, signal);
    const deps = { host, store, progress, log, onEdge, now: Date.now };
    return runSet(deps, vms, spec.options, id, signal);
  });
  const [first] = set.points;
  const [failed] = set.failed;
  if (first === undefined) throw failed?.error ?? new Error('a set without VMs');
  for (const { manifest } of set.points) logBackup(around.tell, manifest);
  const disks = set.points.flatMap(({ manifest }) => manifest.disks);
  const read = disks.reduce((sum, disk) => sum + disk.readBytes, 0);
  const warnings = set.points.flatMap(({ manifest, unfinished }) => [
    ...manifest.warnings,
    ...unfinished,
  ]);
  const all = set.points.length + set.failed.length;
  const result = {
    ...nothing,
    summary: `full backup of ${set.points.length} of ${all} VMs in one shadow copy set, ${formatBytes(read)} read`,
    kind: 'full' as const,
    readBytes: read,
    point: first.manifest.id,
    points: set.points.map(({ manifest: { vm, id } }) => ({ vm: vm.id, name: vm.name, point: id })),
    warnings: warnings.map(noteOf),
  };
  const failure = failed === undefined ? {} : { failure: failed.error };
  return { found: { ...first, set }, result, ...failure };
}
