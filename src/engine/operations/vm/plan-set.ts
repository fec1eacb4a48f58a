import type { BackupOptions, Warning } from '../../api/backup.ts';
import type { ErrorInfo } from '../../api/errors.ts';
import type { BackupHost, HostVm } from '../../backup/host/host.ts';
import {
  planSet,
  requireAllowed,
  requireShadows,
  type VmOfSet,
} from '../../backup/vss/plan-set.ts';
import { isEngineError } from '../../base/errors.ts';

/** The document of `backup --method vss --plan`. */
export interface SetPlanDocument {
  readonly method: 'vss';
  readonly vms: readonly VmOfSet[];
  readonly volumes: readonly {
    readonly volume: string;
    readonly name: string | null;
    readonly paths: readonly string[];
  }[];
  /** VMs that were not named and that are frozen, too. */
  readonly others: readonly VmOfSet[];
  /** VMs that are saved and resumed. */
  readonly saved: readonly VmOfSet[];
  /** Errors with which the run would end. */
  readonly problems: readonly Pick<ErrorInfo, 'code' | 'message'>[];
  readonly failed: readonly { readonly vm: VmOfSet; readonly error: ErrorInfo }[];
  readonly warnings: readonly Warning[];
}

/** Plans a shadow copy set of several VMs. Makes nothing. Throws `vss.place`, `host.*`. */
export async function planSetDocument(
  host: BackupHost,
  ids: readonly string[],
  { allowOthers = false }: Pick<BackupOptions, 'allowOthers'>,
  signal: AbortSignal,
): Promise<SetPlanDocument> {
  const vms: HostVm[] = [];
  for (const id of ids) vms.push(await host.findVm(id, signal));
  const plan = await planSet(host, vms, signal);
  const { volumes } = await requireShadows(host).list(signal);
  return {
    method: 'vss',
    vms: plan.vms,
    volumes: plan.volumes.map(({ volume, paths }) => ({
      volume,
      name: volumes.find((each) => each.volume === volume)?.name ?? null,
      paths,
    })),
    others: plan.others,
    saved: plan.saved,
    problems: problemsOf(() => requireAllowed(plan, allowOthers)),
    failed: plan.refused.map(({ vm, error }) => ({ vm, error: error.toJSON() })),
    warnings: plan.warnings,
  };
}

function problemsOf(check: () => void): SetPlanDocument['problems'] {
  try {
    check();
    return [];
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return [{ code: error.code, message: error.message }];
  }
}
