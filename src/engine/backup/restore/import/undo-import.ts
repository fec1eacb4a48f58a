import fs from 'node:fs/promises';
import path from 'node:path';
import type { Guid } from '../../../base/guid.ts';
import { noProgress } from '../../../base/progress.ts';
import type { BackupHost } from '../../host/host.ts';
import type { HostFiles } from '../../host/host-files.ts';
import type { OwnImport } from '../../ledger/own-imports.ts';
import { removeAbandoned } from '../staging.ts';
import { stagingOf, type ImportAccess } from './import-checks.ts';

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

/** Outcome, and the system that the import made; undefined: none is known. */
export interface UndoneImport {
  readonly outcome: ImportOutcome;
  readonly system: Guid | undefined;
}

/**
 * Destroys the unfinished VM of an import and removes the files that were written for it. A VM that is
 * complete stays.
 * @param write whether something may be changed; otherwise the outcome is only found out
 */
export async function undoImport(
  host: Pick<BackupHost, 'systems'>,
  own: OwnImport,
  { mapped, remote }: ImportAccess,
  write: boolean,
  signal: AbortSignal,
): Promise<UndoneImport> {
  const { systems } = host;
  const found = await systemOf(host, own, signal);
  const system = found.state === 'known' ? found.id : undefined;
  const as = (outcome: ImportOutcome): UndoneImport => ({ outcome, system });
  if (found.state !== 'known') return as(found.state);
  if (found.id !== undefined) {
    const { state } = await systems.systemState(found.id, signal);
    const isReal = state === 'stopped' || state === 'started';
    if (isReal && (own.planned || own.complete)) return as('complete');
    if (state === 'started') return as('used');
    // Files of a system that still exists stay with it.
    if (state !== 'gone' && write) await systems.destroySystem(found.id, signal);
  }
  if (await mapped.reaches(own.folder, signal)) {
    if (write) await removeFiles(own, mapped, signal);
    return as('removed');
  }
  if (!(await remote.reaches(own.folder, signal))) return as('unreachable');
  if (write) await removeRemote(own, remote, signal);
  return as('removed');
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
  mapped: HostFiles,
  signal: AbortSignal,
): Promise<void> {
  const local = (hostPath: string): Promise<string> => mapped.pathOf(hostPath, signal);
  for (const file of files) await fs.rm(await local(file), { force: true });
  for (const each of foldersOf({ files, folder })) {
    const place = await local(each);
    await removeAbandoned(place, noProgress, signal).catch(() => undefined);
    await fs.rmdir(place).catch(() => undefined);
  }
}

/** Removes the files of an import on a file server, and its folders if they are empty then. */
async function removeRemote(own: OwnImport, remote: HostFiles, signal: AbortSignal): Promise<void> {
  const { access } = remote;
  const place = (hostPath: string): Promise<string> => remote.pathOf(hostPath, signal);
  for (const file of own.files) await access.remove(await place(file), signal);
  await access.remove(await place(stagingOf(own.folder, own.id)), signal);
  for (const each of foldersOf(own)) {
    const folder = await place(each);
    const entries = await access.list(folder, signal);
    if (entries?.length === 0) await access.remove(folder, signal);
  }
}

/** Returns the folders of an import, the inner ones first. */
const foldersOf = ({ files, folder }: Pick<OwnImport, 'files' | 'folder'>): readonly string[] =>
  [...new Set([...files.map((file) => path.win32.dirname(file)), folder])].sort(
    (a, b) => b.length - a.length,
  );
