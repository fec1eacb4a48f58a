import { isEngineError } from '../../../base/errors.ts';
import type { Guid } from '../../../base/guid.ts';
import type { RunFiles } from '../../context/run-files.ts';
import type { ImportRecord } from './import-record.ts';
import type { ImportDeps } from './import-work.ts';
import { undoImport } from './undo-import.ts';

/** Time limit for removing what a failed import left, also if it was cancelled. */
const UNDO_MS = 120_000;

/** An import that failed. */
interface GivenUp {
  readonly record: ImportRecord;
  readonly files: RunFiles;
  /** Leave what was made. */
  readonly keep: boolean;
  readonly cause: unknown;
}

/**
 * Removes what was made. Returns the ID of the VM if the host had completed it, whatever failed
 * afterwards. Never throws: what cannot be removed now stays in the ledger.
 */
export async function giveUpImport(
  { host, log }: ImportDeps,
  { record, files, keep, cause }: GivenUp,
): Promise<Guid | undefined> {
  const limit = AbortSignal.timeout(UNDO_MS);
  const warn = (message: string): void => log({ level: 'warn', area: 'restore', message });
  try {
    const { system, planned, complete } = record.own;
    const isDone =
      system !== null &&
      complete &&
      (!planned || isReal((await host.systems.systemState(system, limit)).state));
    if (isDone) return system;
    // A file that somebody else wrote meanwhile is not ours to remove.
    const isOthers = isEngineError(cause, 'restore.exists');
    if (keep || isOthers) {
      await record.remove();
      if (!isOthers) warn(`What was made was kept: ${record.own.folder} on the host`);
      return undefined;
    }
    const undone = await undoImport(host, record.own, files, true, limit);
    const { outcome } = undone;
    if (outcome === 'complete') return undone.system;
    if (outcome === 'removed') await record.remove();
    else warn(`The unfinished VM was not removed (${outcome}); the next cleanup removes it`);
  } catch (error) {
    warn(
      `The unfinished VM could not be removed; the next cleanup removes it: ${(error as Error).message}`,
    );
  }
  return undefined;
}

const isReal = (state: string): boolean => state === 'stopped' || state === 'started';
