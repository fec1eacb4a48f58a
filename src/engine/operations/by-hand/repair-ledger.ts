import type { LedgerRepair } from '../../api/store.ts';
import type { BackupHost } from '../../backup/host/host.ts';
import { resolveVm } from '../../backup/points/vm-names.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { repairLedger } from '../../hosts/by-hand/repair-ledger.ts';

/**
 * Rebuilds the ledger of a VM in a store, or only reports the planned changes. Throws `lease.held`,
 * `ledger.version`.
 */
export async function repairLedgerOf(
  host: BackupHost,
  { store, vm, apply }: { readonly store: Store; readonly vm: string; readonly apply: boolean },
  signal: AbortSignal,
): Promise<LedgerRepair> {
  return repairLedger(host, store, await resolveVm(store, vm, signal), apply, signal);
}
