import { sameId } from '../../../backup/ledger/ledger.ts';
import { groupNotExported } from '../../../backup/plan/check-subject.ts';
import { isEngineError } from '../../../base/errors.ts';
import type { HypervBackupHost } from '../../../hosts/hyperv-backup-host.ts';
import { userLedger } from '../../../backup/ledger/ledger-file.ts';
import { exportVm, type ExportResult } from './export-vm.ts';
import { nothing, type JobEnd, type JobSurroundings, type WorkOf } from '../../kinds/job-kind.ts';
import { withJobHost } from '../parts/open-for-job.ts';
import { noteOf, type SpecOf } from '../../kinds/spec-of.ts';

type Spec = SpecOf<'export'>;

/** Returns a better error if the name is that of a group. */
async function ofGroup(
  { groups }: HypervBackupHost,
  { vm }: Spec,
  error: Error,
  signal: AbortSignal,
): Promise<Error> {
  const all = await groups.list(signal).catch(() => []);
  const group = all.find(({ id, name }) => name === vm || sameId(id, vm));
  if (group === undefined) return error;
  const members = group.members.map(({ name }) => name).sort();
  return groupNotExported(group.name, members);
}

/** Lets the host export a VM. */
export async function performExport(
  { spec, target }: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<JobEnd<ExportResult>> {
  const { home, log, tell, progress, identified } = around;
  const found = await withJobHost(target, around, async (host) => {
    progress.phase('Export on the host', 0);
    const ledgerOf = (vmId: Parameters<typeof userLedger>[1]) => userLedger(home, vmId);
    try {
      return await exportVm(host, spec, ledgerOf, log, signal, identified);
    } catch (error) {
      throw isEngineError(error, 'host.vm.notFound')
        ? await ofGroup(host, spec, error, signal)
        : error;
    }
  });
  const full = found.kind === 'full';
  const what = full ? 'everything' : 'the changes';
  tell({ level: 'info', area: 'job', message: `The host wrote ${what} to ${spec.directory}` });
  const result = {
    ...nothing,
    summary: `Exported (${found.kind}) to ${spec.directory} on the host`,
    kind: full ? ('full' as const) : ('incr' as const),
    warnings: found.warnings.map((message) => noteOf({ code: 'job.leftovers', message })),
  };
  return { found, result };
}
