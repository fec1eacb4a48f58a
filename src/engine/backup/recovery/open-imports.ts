import type { Guid } from '../../base/guid.ts';
import { withoutImport, type OwnImport } from '../ledger/own-imports.ts';
import { tellOrigin } from '../restore/import/tell-origin.ts';
import { undoImport, type ImportOutcome } from '../restore/import/undo-import.ts';
import type { RecoveryRun } from './recovery-run.ts';

/** Finishes or removes what interrupted restores as a VM left on this host. */
export async function recoverImports(run: RecoveryRun, signal: AbortSignal): Promise<void> {
  const { files } = run.options;
  for (const own of run.ledger.imports ?? []) {
    if (run.whereabouts(own) === 'elsewhere') continue;
    let outcome: ImportOutcome = 'removed';
    const undo = async (): Promise<void> => {
      const undone = await undoImport(run.deps.host, own, files, true, signal);
      outcome = undone.outcome;
      if (outcome === 'complete') await completed(run, own, undone.system, signal);
    };
    const before = run.items.length;
    const name = own.system ?? own.folder;
    if (!(await run.remove('import', name, WORDS.removed, undo, signal))) continue;
    if (run.dryRun) {
      ({ outcome } = await undoImport(run.deps.host, own, files, false, signal));
    }
    const isDone = outcome === 'removed' || outcome === 'complete';
    const kind = outcome === 'removed' ? 'import' : outcome === 'unclear' ? 'unclear' : 'left';
    run.items.splice(before, 1, { kind, id: name, text: WORDS[outcome] });
    if (isDone) await run.update((ledger) => withoutImport(ledger, own.id), signal);
  }
}

/** Does what the interrupted restore would have done next: its VM knows the point it was made of. */
async function completed(
  { deps, vmId }: RecoveryRun,
  { pointId }: OwnImport,
  system: Guid | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (deps.store === undefined || system === undefined) return;
  await tellOrigin(deps.store, system, { vmId, pointId }, signal);
}

const WORDS: Readonly<Record<ImportOutcome, string>> = {
  removed: 'an unfinished restored VM and its files: removed',
  complete: 'a restored VM that is complete: it stays',
  running: 'a restored VM that the host is still making: left',
  unclear: 'several new VMs could be the one that an interrupted restore made: left alone',
  used: 'an unfinished restored VM that was started: left',
  unreachable:
    'files of an unfinished restored VM that this machine cannot reach without a path map: left',
};
