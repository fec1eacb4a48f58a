import type { ImportChoices } from '../../api/jobs.ts';
import type { ImportPlan } from '../../api/backup.ts';
import type { BackupHost } from '../../backup/host/host.ts';
import { resolveVm } from '../../backup/points/vm-names.ts';
import { planImport } from '../../backup/restore/import/plan-import.ts';
import type { Store } from '../../backup/store/contract/store.ts';

/** Plans a restore as a new VM. Creates nothing. @param vm name or ID of a VM of the store */
export async function planRestoreAsVm(
  host: BackupHost,
  store: Store,
  vm: string,
  choices: ImportChoices,
  signal: AbortSignal,
): Promise<ImportPlan> {
  const { id: vmId } = await resolveVm(store, vm, signal);
  return planImport({ host, store, now: Date.now }, { ...choices, vmId }, signal);
}
