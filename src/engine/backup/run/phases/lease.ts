import type { BackupOptions } from '../../../api/backup.ts';
import type { Guid } from '../../../base/guid.ts';
import { LedgerKeeper, pass, type RunDeps } from '../../context/run-context.ts';
import { takeLease } from '../../context/take-lease.ts';
import { storeLedger } from '../../ledger/ledger-file.ts';
import { RunFiles } from '../../context/run-files.ts';
import { recover } from '../../recovery/recover.ts';
import { UndoStack } from '../record/undo-stack.ts';
import type { Leased } from '../record/run-record.ts';

/** Takes the lease of a VM and loads its ledger. Throws `lease.held`, which names the holder. */
export async function holdLease(
  deps: RunDeps,
  vmId: Guid,
  options: BackupOptions,
  jobId: string,
  signal: AbortSignal,
): Promise<Leased> {
  const lease = await takeLease(deps, vmId, jobId, signal);
  try {
    await pass(deps, vmId, 'leased');
    const keeper = await LedgerKeeper.load(storeLedger(deps.store, vmId), signal, lease);
    const computerName = await deps.host.computerName(signal);
    const undo = new UndoStack();
    const files = new RunFiles(deps.host, options.pathMap, keeper, deps.now);
    // Runs as the last undo step: the ledger shows it what the earlier steps could not remove, and
    // calls without an answer.
    undo.push({
      what: 'the objects in the ledger',
      needsLease: true,
      onHost: true,
      run: async (limit) => {
        await recover(deps, vmId, keeper, { files, dryRun: false }, limit);
      },
    });
    return {
      deps,
      vmId,
      options,
      notes: { warnings: [], unfinished: [], cleaned: [], protection: [] },
      undo,
      lease,
      keeper,
      files,
      computerName,
      created: new Date(deps.now()).toISOString(),
    };
  } catch (error) {
    await lease.release();
    throw error;
  }
}
