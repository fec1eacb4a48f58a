import type { Guid } from '../base/guid.ts';
import type { BackupHost } from './host.ts';
import { storeLedger, type LedgerFile } from './ledger-file.ts';
import { Lease } from './lease.ts';
import { thisProcess } from './lease-owner.ts';
import { recover, type CleanedItem, type RecoveryOptions } from './recover.ts';
import { LedgerKeeper, type RunDeps } from './run-context.ts';

/** Removes what interrupted runs of ours left of a VM, on the host and in the store. Waits for the merges that follow. */
export async function cleanVm(
  deps: RunDeps,
  vmId: Guid,
  options: RecoveryOptions,
  signal: AbortSignal,
): Promise<readonly CleanedItem[]> {
  if (options.dryRun) {
    const keeper = await LedgerKeeper.load(storeLedger(deps.store, vmId), signal);
    return recover(deps, vmId, keeper, options, signal);
  }
  const lease = await Lease.acquire(deps.store, vmId, thisProcess('clean'), signal);
  try {
    const held = AbortSignal.any([signal, lease.lost]);
    const keeper = await LedgerKeeper.load(storeLedger(deps.store, vmId), held);
    const items = await recover(deps, vmId, keeper, options, held);
    await deps.host.waitForMerge(vmId, held);
    return items;
  } finally {
    await lease.release();
  }
}

/**
 * The same for what was made by hand, outside of any store: checkpoints of interrupted exports go, reference points that were
 * made become known as the user's own. There is no lease: one person's commands.
 */
export async function cleanOwn(
  host: BackupHost,
  vmId: Guid,
  ledger: LedgerFile,
  options: RecoveryOptions,
  signal: AbortSignal,
): Promise<readonly CleanedItem[]> {
  const keeper = await LedgerKeeper.load(ledger, signal);
  const deps = { host, store: undefined, now: Date.now };
  const items = await recover(deps, vmId, keeper, options, signal);
  if (!options.dryRun) await host.waitForMerge(vmId, signal);
  return items;
}
