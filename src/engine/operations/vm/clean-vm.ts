import type { CleanedItem } from '../../api/backup.ts';
import type { BackupHost } from '../../backup/host/host.ts';
import { userLedger } from '../../backup/ledger/ledger-file.ts';
import { cleanOwn, cleanVm, type CleanOptions } from '../../backup/recovery/clean.ts';
import { resolveVm } from '../../backup/points/vm-names.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { isEngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
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
  const id = await idOf(host, vm, store, signal);
  const onEdge = async (): Promise<void> => undefined;
  const items =
    store === undefined
      ? await cleanOwn(host, id, userLedger(home, id), options, signal)
      : await cleanVm({ host, store, progress, log, onEdge, now: Date.now }, id, options, signal);
  return { vm: id, dryRun: options.dryRun, items };
}

/**
 * Returns the ID of a VM. A VM that the host does not list may be one of the store: restores leave
 * something although the VM is gone.
 */
async function idOf(
  host: BackupHost,
  vm: string,
  store: Store | undefined,
  signal: AbortSignal,
): Promise<Guid> {
  try {
    return (await host.findVm(vm, signal)).id;
  } catch (error) {
    if (store === undefined || !isEngineError(error, 'host.vm.notFound')) throw error;
    const stored = await resolveVm(store, vm, signal).catch(() => undefined);
    if (stored === undefined) throw error;
    return stored.id;
  }
}
