import type { BackupOptions } from '../../api/backup.ts';
import type { ErrorInfo } from '../../api/errors.ts';
import type { SetPlanDocument } from '../../api/vss.ts';
import type { BackupHost, HostVm } from '../../backup/host/host.ts';
import { planSet, requireOthers, type SetPlan } from '../../backup/vss/plan-set.ts';
import { requireReach } from '../../backup/vss/reach-set.ts';
import { isEngineError } from '../../base/errors.ts';

/**
 * Plans a shadow copy set of several VMs. Makes nothing. Missing rights, and a folder of the copies that is not
 * reached from here, are problems of the plan; without a path map the latter is not checked.
 * Throws `vss.place`, `host.*`.
 */
export async function planSetDocument(
  host: BackupHost,
  ids: readonly string[],
  { allowOthers = false, pathMap }: Partial<Pick<BackupOptions, 'allowOthers' | 'pathMap'>>,
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
      ...(await problemsOf(async () => requireOthers(plan.others, allowOthers))),
      ...(plan.vms.length === 0 || pathMap === undefined
        ? []
        : await problemsOf(() => reach(host, plan, pathMap, signal))),
    ],
    failed: refused.map(({ vm, error }) => ({ vm, error: error.toJSON() })),
    warnings: plan.warnings,
  };
}

async function reach(
  host: BackupHost,
  plan: Pick<SetPlan, 'mountedBelow'>,
  pathMap: BackupOptions['pathMap'],
  signal: AbortSignal,
): Promise<void> {
  const remote = host.remoteFiles(pathMap);
  try {
    await requireReach(plan, { host, remote, pathMap }, signal);
  } finally {
    await remote.close();
  }
}

async function problemsOf(check: () => Promise<void>): Promise<readonly ErrorInfo[]> {
  try {
    await check();
    return [];
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return [error.toJSON()];
  }
}
