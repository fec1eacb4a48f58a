import { stat } from 'node:fs/promises';
import path from 'node:path';
import { delay } from '../../base/abort.ts';
import { EngineError } from '../../base/errors.ts';
import { fileError, systemCode } from '../../source/platform/file-errors.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { HostDisk } from '../host/host.ts';
import type { BackupMethod, BackupOptions } from '../host/options.ts';
import { hostFolder, toLocalPath, type PathMapping } from '../host/path-map.ts';

/** Whether the disks of a VM can be read by one method, found out before anything is made on the host. */
export interface MethodCheck {
  readonly method: BackupMethod;
  /** Why it is not possible; null if nothing speaks against it. */
  readonly problem: EngineError | null;
  /** Folders of the host whose place on this machine is missing or wrong, each once. */
  readonly folders: readonly string[];
}

/** Time limit for one look at a file. A share whose server is gone may never answer. */
const LOOK_MS = 10_000;

/** Checks every method, in the order of preference. No disk is opened: a running VM holds its active file exclusively. */
export async function checkMethods(
  disks: readonly HostDisk[],
  options: Pick<BackupOptions, 'pathMap' | 'exportDirectory'>,
  signal: AbortSignal,
): Promise<readonly MethodCheck[]> {
  return [await checkFile(disks, options.pathMap, signal), await checkExport(options, signal)];
}

/** Throws the reason why `method` is not possible, if there is one. */
export function requireMethod(method: BackupMethod, checks: readonly MethodCheck[]): void {
  const problem = checks.find((check) => check.method === method)?.problem ?? null;
  if (problem !== null) throw problem;
}

async function checkFile(
  disks: readonly HostDisk[],
  pathMap: readonly PathMapping[],
  signal: AbortSignal,
): Promise<MethodCheck> {
  const problems = await Promise.all(
    disks.map(async (disk) => {
      const problem = await problemOf(disk.path, pathMap, signal);
      return problem === null ? [] : [{ problem, folder: hostFolder(disk.path) }];
    }),
  );
  const found = problems.flat();
  return {
    method: 'file',
    problem: found[0]?.problem ?? null,
    folders: [...new Set(found.map(({ folder }) => folder))],
  };
}

async function checkExport(
  { exportDirectory, pathMap }: Pick<BackupOptions, 'pathMap' | 'exportDirectory'>,
  signal: AbortSignal,
): Promise<MethodCheck> {
  if (exportDirectory === null) {
    const problem = backupError(
      'plan.method',
      'The method export needs a folder on the host for exports',
      { data: { found: 'export' } },
    );
    return { method: 'export', problem, folders: [] };
  }
  // The host makes the folder itself; its parent may be the one that is mapped.
  const problem =
    (await problemOf(exportDirectory, pathMap, signal)) === null
      ? null
      : await problemOf(hostFolder(exportDirectory), pathMap, signal);
  return { method: 'export', problem, folders: problem === null ? [] : [exportDirectory] };
}

/** Returns why a path of the host cannot be used here, or null if something is there. */
async function problemOf(
  hostPath: string,
  pathMap: readonly PathMapping[],
  signal: AbortSignal,
): Promise<EngineError | null> {
  try {
    await look(hostPath, toLocalPath(hostPath, pathMap), signal);
    return null;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return error;
  }
}

async function look(hostPath: string, local: string, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    const late = delay(LOOK_MS, either).then(() => {
      throw missing(hostPath, local, `did not answer within ${LOOK_MS / 1000} seconds`);
    });
    // The loser of the race is not an unhandled rejection.
    late.catch(() => undefined);
    await Promise.race([stat(local), late]);
  } catch (error) {
    const code = systemCode(error);
    // A file that is in use is there.
    if (code === 'EBUSY') return;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw missing(hostPath, local, 'is not there');
    throw fileError(error, 'look for', local);
  } finally {
    stop.abort();
  }
}

const missing = (hostPath: string, local: string, what: string): EngineError =>
  backupError(
    'path.missing',
    `${hostPath} of the host should lie at ${local}, which ${what}. Is ${path.dirname(local)} mounted, and is the path map right?`,
    { data: { found: hostPath, local, folder: hostFolder(hostPath) } },
  );
