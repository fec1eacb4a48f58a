import { withoutIntent, type Intent } from '../ledger/ledger.ts';
import { removeExport, type ExportRemoval } from '../read/export/staged-export.ts';
import type { RecoveryRun } from './recovery-run.ts';

const REMOVED = 'an export on the host: removed';

/** Removes staged exports of interrupted runs, if this machine can reach them. */
export async function recoverExports(run: RecoveryRun, signal: AbortSignal): Promise<void> {
  for (const intent of run.ledger.intents) {
    if (intent.kind !== 'export' || run.whereabouts(intent) === 'elsewhere') continue;
    await recoverExport(run, intent, signal);
  }
}

async function recoverExport(run: RecoveryRun, intent: Intent, signal: AbortSignal): Promise<void> {
  const { id, directory } = intent;
  const drop = (): Promise<void> => run.update((ledger) => withoutIntent(ledger, id), signal);
  if (directory === null) return drop();
  let outcome: ExportRemoval = 'removed';
  const remove = async (): Promise<void> => {
    outcome = await removeExport(directory, run.vmId, run.options.files, signal);
  };
  const before = run.items.length;
  if (!(await run.remove('export', directory, REMOVED, remove, signal))) return;
  const why = WHY_LEFT[outcome];
  if (why === undefined) return drop();
  // It stays in the ledger for a run or a clean that can reach it.
  run.items.splice(before, 1, { kind: 'unclear', id: directory, text: why });
}

const WHY_LEFT: Readonly<Record<ExportRemoval, string | undefined>> = {
  removed: undefined,
  unreachable: 'an export on the host that this machine cannot reach without a path map: left',
  foreign: 'recorded as an export, but its name is not one of ours: left alone',
};
