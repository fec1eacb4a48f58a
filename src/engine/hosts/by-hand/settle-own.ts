import { recoverOwn } from '../../backup/recovery/clean.ts';
import type { BackupHost } from '../../backup/host/host.ts';
import type { CallInLedger } from '../../backup/context/call-in-ledger.ts';
import type { LedgerFile } from '../../backup/ledger/ledger-file.ts';
import type { Guid } from '../../base/guid.ts';
import type { Log } from '../../base/log.ts';

/** Time limit for finding what a failed call has created. */
const SETTLE_MS = 30_000;

/**
 * Handles a failed call by hand: drops its intent if nothing was created, recovers the ledger
 * otherwise. Never throws; `clean` finds later what cannot be checked now. The caller holds the
 * ledger.
 */
export async function settleOwn(
  host: BackupHost,
  vmId: Guid,
  ledger: LedgerFile,
  call: CallInLedger,
  error: unknown,
  log: Log,
  then: (signal: AbortSignal) => Promise<void> = async () => undefined,
): Promise<void> {
  const signal = AbortSignal.timeout(SETTLE_MS);
  try {
    await call.failed(error);
    await recoverOwn(host, vmId, ledger, { pathMap: [], dryRun: false }, signal);
    await then(signal);
  } catch (reason) {
    const message = `The interrupted call could not be cleaned up; its leftovers stay on the host until the next cleanup: ${(reason as Error).message}`;
    log({ level: 'warn', area: 'host', message });
  }
}
