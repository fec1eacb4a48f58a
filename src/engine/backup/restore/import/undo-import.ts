import fs from 'node:fs/promises';
import path from 'node:path';
import type { PathMapping } from '../../../api/host.ts';
import type { Guid } from '../../../base/guid.ts';
import { noProgress } from '../../../base/progress.ts';
import type { BackupHost } from '../../host/host.ts';
import { toLocalPath } from '../../host/path-map.ts';
import { mappedFiles } from '../../host/mapped-files.ts';
import type { OwnImport } from '../../ledger/own-imports.ts';
import { removeAbandoned } from '../staging.ts';

/** Outcome of an interrupted import. */
export type ImportOutcome =
  /** Nothing of it is left. */
  | 'removed'
  /** The VM exists and is complete. */
  | 'complete'
  /** The host is still working on it. */
  | 'running'
  /** Several systems could be the one that was made. */
  | 'unclear'
  /** The VM was started or changed by others before it was complete. */
  | 'used'
  /** This machine does not reach its files. */
  | 'unreachable';

/**
 * Destroys the unfinished VM of an import and removes the files that were written for it. A VM that is
 * complete stays.
 * @param write whether something may be changed; otherwise the outcome is only found out
 */
export async function undoImport(
  host: Pick<BackupHost, 'systems'>,
  own: OwnImport,
  pathMap: readonly PathMapping[],
  write: boolean,
  signal: AbortSignal,
): Promise<ImportOutcome> {
  const { systems } = host;
  const found = await systemOf(host, own, signal);
  if (found.state !== 'known') return found.state;
  if (found.id !== undefined) {
    const { state } = await systems.systemState(found.id, signal);
    const isReal = state === 'stopped' || state === 'started';
    if (isReal && (own.planned || own.complete)) return 'complete';
    if (state === 'started') return 'used';
    // Files of a system that still exists stay with it.
    if (state !== 'gone' && write) await systems.destroySystem(found.id, signal);
  }
  if (!(await mappedFiles(pathMap).reaches(own.folder, signal))) return 'unreachable';
  if (write) await removeFiles(own, pathMap, signal);
  return 'removed';
}

type FoundSystem =
  | { readonly state: 'running' | 'unclear' }
  /** undefined: the call made none. */
  | { readonly state: 'known'; readonly id: Guid | undefined };

/** Returns the system that the call of an import made. */
async function systemOf(
  { systems }: Pick<BackupHost, 'systems'>,
  { system, asked, job, planned, name, existing }: OwnImport,
  signal: AbortSignal,
): Promise<FoundSystem> {
  if (system !== null) return { state: 'known', id: system };
  if (asked === null) return { state: 'known', id: undefined };
  if (job !== null) {
    const outcome = await systems.systemOfJob(job, planned, signal);
    if (outcome.state === 'running') return { state: 'running' };
    if (outcome.state === 'ended') return { state: 'known', id: outcome.id };
  }
  const now = await systems.systemsNamed(planned, name, signal);
  const fresh = now.filter((id) => !existing.some((old) => old.toLowerCase() === id));
  return fresh.length > 1 ? { state: 'unclear' } : { state: 'known', id: fresh[0] };
}

/** Removes the files of an import, and its folders if they are empty then. */
async function removeFiles(
  { files, folder }: OwnImport,
  pathMap: readonly PathMapping[],
  signal: AbortSignal,
): Promise<void> {
  const local = (hostPath: string): string => toLocalPath(hostPath, pathMap).path;
  for (const file of files) await fs.rm(local(file), { force: true });
  const folders = new Set([...files.map((file) => path.win32.dirname(file)), folder]);
  for (const each of [...folders].sort((a, b) => b.length - a.length)) {
    await removeAbandoned(local(each), noProgress, signal).catch(() => undefined);
    await fs.rmdir(local(each)).catch(() => undefined);
  }
}
