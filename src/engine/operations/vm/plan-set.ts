import type { BackupOptions } from '../../api/backup.ts';
import type { ErrorInfo } from '../../api/errors.ts';
import type { SetPlanDocument } from '../../api/vss.ts';
import type { BackupHost, HostVm } from '../../backup/host/host.ts';
import { planSet, requireOthers } from '../../backup/vss/plan-set.ts';
import { isEngineError } from '../../base/errors.ts';

/**
 * Plans a shadow copy set of several VMs. Makes nothing. Missing rights are a problem of the plan.
 * Throws `vss.place`, `host.*`.
 */
export async function planSetDocument(
  host: BackupHost,
  ids: readonly string[],
  { allowOthers = false }: Pick<BackupOptions, 'allowOthers'>,
  signal: AbortSignal,
): Promise<SetPlanDocument> {
  const vms: HostVm[] = [];
  for (const id of ids) vms.push(await host.findVm(id, signal));
  const { refused, denied, ...plan } = await planSet(host, vms, signal);
  return {
    method: 'vss',
    vms: plan.vms,
    volumes: plan.volumes,
    others: plan.others,
    saved: plan.saved,
    problems: [
      ...(denied === undefined ? [] : [denied.toJSON()]),
      ...problemsOf(() => requireOthers(plan.others, allowOthers)),
    ],
    failed: refused.map(({ vm, error }) => ({ vm, error: error.toJSON() })),
    warnings: plan.warnings,
  };
}

function problemsOf(check: () => void): readonly ErrorInfo[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return [error.toJSON()];
  }
}
