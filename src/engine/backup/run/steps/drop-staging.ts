import type { Guid } from '../../../base/guid.ts';
import type { ReachableFiles } from '../../host/reachable-files.ts';
import { withoutIntent } from '../../ledger/ledger.ts';
import type { LedgerKeeper, RunDeps } from '../../context/run-context.ts';
import { removeExport } from '../../read/export/staged-export.ts';

/** The folder on the host for a run's export. */
export interface StagedFolder {
  readonly deps: RunDeps;
  readonly keeper: LedgerKeeper;
  readonly vmId: Guid;
  readonly directory: string;
  readonly files: ReachableFiles;
}

/**
 * Removes a staged export and its intents. If it cannot be reached from here, it stays in the
 * ledger for `clean`.
 */
export async function dropStaging(staged: StagedFolder, signal: AbortSignal): Promise<void> {
  const { deps, keeper, vmId, directory, files } = staged;
  if ((await removeExport(directory, vmId, files, signal)) !== 'removed') {
    const message = `The export in ${directory} cannot be reached from this machine; it stays in the ledger until a cleanup can reach it.`;
    deps.log({ level: 'warn', area: 'backup', message });
    return;
  }
  const intents = keeper.ledger.intents.filter((each) => each.directory === directory);
  for (const { id } of intents) {
    await keeper.update((ledger) => withoutIntent(ledger, id), signal);
  }
}
