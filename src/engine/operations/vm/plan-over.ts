import type { OverPlan } from '../../api/backup.ts';
import type { OverChoices } from '../../api/jobs.ts';
import { mappedFiles } from '../../backup/host/mapped-files.ts';
import { resolveVm } from '../../backup/points/vm-names.ts';
import { previewOver } from '../../backup/replace/preview-over.ts';
import { parseGuid } from '../../base/guid.ts';
import { overDocument } from '../../backup/replace/restore-over.ts';
import type { OverDocument, OverOptions } from '../../backup/restore/over/over-options.ts';
import { FIRST, planOver } from '../../backup/restore/over/plan-over.ts';

/**
 * Plans a restore over the disks of a VM: which files it would write, and how many bytes the parts
 * save that are equal already. Reads the VM's disks, and writes nothing. Throws as `planOver`.
 */
export async function planRestoreOver(
  deps: Deps,
  options: Omit<OverOptions, 'confirm'>,
  signal: AbortSignal,
): Promise<OverDocument> {
  return withFiles(deps, options, async (files) => {
    const plan = await planOver({ ...deps, files }, options, FIRST, signal);
    try {
      return overDocument(plan, true, []);
    } finally {
      await plan.close();
    }
  });
}

type Deps = Omit<Parameters<typeof planOver>[0], 'files'>;

/** Runs `work` with the ways to the host's files; ends the sessions at file servers afterwards. */
async function withFiles<T>(
  { host }: Pick<Deps, 'host'>,
  { pathMap }: Pick<OverChoices, 'pathMap'>,
  work: (files: Parameters<typeof planOver>[0]['files']) => Promise<T>,
): Promise<T> {
  const mapped = mappedFiles(pathMap, (inner) => host.isThisComputer(inner));
  const remote = host.remoteFiles(pathMap);
  try {
    return await work({ mapped, remote });
  } finally {
    await remote.close();
  }
}

/**
 * Plans a restore over the disks of a VM with all obstacles at once. Writes nothing.
 * @param vm name or ID of a VM of the store
 */
export async function previewRestoreOver(
  deps: Deps,
  vm: string,
  choices: Omit<OverChoices, 'confirm'>,
  signal: AbortSignal,
): Promise<OverPlan> {
  const { id: vmId } = await resolveVm(deps.store, vm, signal);
  const options = { ...choices, over: parseGuid(choices.over), vmId };
  return withFiles(deps, choices, (files) => previewOver({ ...deps, files }, options, signal));
}
