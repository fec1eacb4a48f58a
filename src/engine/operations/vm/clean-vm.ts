import type { CleanedItem } from '../../api/backup.ts';
import type { BackupHost } from '../../backup/host/host.ts';
import { userLedger } from '../../backup/ledger/ledger-file.ts';
import { cleanOwn, cleanVm, type CleanOptions } from '../../backup/recovery/clean.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import type { OperationContext } from '../context/operation-context.ts';

export interface CleanRequest {
  readonly vm: string;
  /** undefined: cleans only the leftovers of calls by hand, including exports. */
  readonly store: Store | undefined;
  readonly options: CleanOptions;
}

/** Items that were or would be removed. */
export interface CleanDocument {
  readonly vm: string;
  readonly dryRun: boolean;
  readonly items: readonly CleanedItem[];
}

/**
 * Removes the leftovers of interrupted commands of this program for a VM, on the host and in the
 * store. Throws `lease.held`.
 */
export async function cleanLeftovers(
  { home, log, progress }: OperationContext,
  host: BackupHost,
  { vm, store, options }: CleanRequest,
  signal: AbortSignal,
): Promise<CleanDocument> {
  const { id } = await host.findVm(vm, signal);
  const onEdge = async (): Promise<void> => undefined;
  const items =
    store === undefined
      ? await cleanOwn(host, id, userLedger(home, id), options, signal)
      : await cleanVm({ host, store, progress, log, onEdge, now: Date.now }, id, options, signal);
  return { vm: id, dryRun: options.dryRun, items };
}
