import type { Guid } from '../base/guid.ts';
import type { BackupHost } from './host.ts';
import { storeLedger, withLease, type LeasedLedger, type LedgerFile } from './ledger-file.ts';
import { recover } from './recover.ts';
import type { CleanedItem, RecoveryOptions } from './recovery/recovery-run.ts';
import { tellOfWait } from './lease/take-lease.ts';
import { LedgerKeeper, type HeldLease, type RunDeps } from './run-context.ts';

/** Removes what interrupted runs of ours left of a VM, on the host and in the store. Waits for the merges that follow. */
export async function cleanVm(
  deps: RunDeps,
  vmId: Guid,
  options: RecoveryOptions,
  signal: AbortSignal,
): Promise<readonly CleanedItem[]> {
  const ledger = storeLedger(deps.store, vmId);
  const work = async (held: AbortSignal, lease?: HeldLease): Promise<readonly CleanedItem[]> =>
    recover(deps, vmId, await LedgerKeeper.load(ledger, held, lease), options, held);
  if (options.dryRun) return work(signal);
  const clean = async (held: AbortSignal, lease: HeldLease): Promise<readonly CleanedItem[]> => {
    const items = await work(held, lease);
    await deps.host.waitForMerge(vmId, held);
    return items;
  };
  return withLease(deps.store, vmId, 'clean', clean, signal, tellOfWait(deps));
}

/**
 * The same for what was made by hand, outside of any store: checkpoints of interrupted exports go, reference points that were
 * made become known as the user's own. Throws `lease.held` while an export or another command of this user is at work.
 */
export async function cleanOwn(
  host: BackupHost,
  vmId: Guid,
  ledger: LeasedLedger,
  options: RecoveryOptions,
  signal: AbortSignal,
): Promise<readonly CleanedItem[]> {
  if (options.dryRun) return recoverOwn(host, vmId, ledger, options, signal);
  const clean = async (held: AbortSignal): Promise<readonly CleanedItem[]> => {
    const items = await recoverOwn(host, vmId, ledger, options, held);
    await host.waitForMerge(vmId, held);
    return items;
  };
  return ledger.change('clean', clean, signal);
}

/** Recovers a ledger without points. The caller holds it. */
export async function recoverOwn(
  host: BackupHost,
  vmId: Guid,
  ledger: LedgerFile,
  options: RecoveryOptions,
  signal: AbortSignal,
): Promise<readonly CleanedItem[]> {
  const deps = { host, store: undefined, now: Date.now };
  return recover(deps, vmId, await LedgerKeeper.load(ledger, signal), options, signal);
}
