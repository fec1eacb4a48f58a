import type { OverPlan } from '../../api/backup.ts';
import type { OverChoices } from '../../api/jobs.ts';
import { resolveVm } from '../../backup/points/vm-names.ts';
import { previewOver } from '../../backup/replace/preview-over.ts';
import { parseGuid } from '../../base/guid.ts';
import { overDocument } from '../../backup/replace/restore-over.ts';
import type { OverDocument, OverOptions } from '../../backup/restore/over/over-options.ts';
import { planOver } from '../../backup/restore/over/plan-over.ts';

/**
 * Plans a restore over the disks of a VM: which files it would write, and how many bytes the parts
 * save that are equal already. Reads the VM's disks, and writes nothing. Throws as `planOver`.
 */
export async function planRestoreOver(
  deps: Parameters<typeof planOver>[0],
  options: Omit<OverOptions, 'confirm'>,
  signal: AbortSignal,
): Promise<OverDocument> {
  const plan = await planOver(deps, options, signal);
  try {
    return overDocument(plan, true, []);
  } finally {
    await plan.close();
  }
}

/**
 * Plans a restore over the disks of a VM with all obstacles at once. Writes nothing.
 * @param vm name or ID of a VM of the store
 */
export async function previewRestoreOver(
  deps: Parameters<typeof planOver>[0],
  vm: string,
  choices: Omit<OverChoices, 'confirm'>,
  signal: AbortSignal,
): Promise<OverPlan> {
  const { id: vmId } = await resolveVm(deps.store, vm, signal);
  return previewOver(deps, { ...choices, over: parseGuid(choices.over), vmId }, signal);
}
