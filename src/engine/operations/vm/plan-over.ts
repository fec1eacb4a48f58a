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
