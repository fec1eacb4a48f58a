import type { EngineError } from '../../../base/errors.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { HostFiles } from '../../host/host-files.ts';
import { hostFolder } from '../../host/path-map.ts';
import { problemOfPath } from '../contract/look-at-path.ts';
import type { CheckAround } from '../contract/method.ts';

/** The way to the folder for exports, or the problem that bars it. */
type ExportFiles =
  | { readonly files: HostFiles; readonly problem: null }
  | { readonly files: null; readonly problem: EngineError };

/**
 * Returns the way to a folder for exports: through the path map if it leads there, else through the
 * host's file server.
 */
export async function filesOfExports(
  directory: string,
  { mapped, remote }: Pick<CheckAround, 'mapped' | 'remote'>,
  signal: AbortSignal,
): Promise<ExportFiles> {
  const problem = await problemOfFolder(directory, mapped, signal);
  if (problem === null) return { files: mapped, problem };
  if (remote === undefined) return { files: null, problem };
  const remoteProblem = await problemOfFolder(directory, remote, signal);
  if (remoteProblem === null) return { files: remote, problem: null };
  const both = `${problem.message}; over SMB: ${remoteProblem.message}`;
  const { data } = problem;
  const code = problem.code === 'path.missing' ? 'path.missing' : 'path.unmapped';
  return { files: null, problem: backupError(code, both, { data, cause: remoteProblem }) };
}

/** The host creates the folder itself; only its parent need exist. */
async function problemOfFolder(
  directory: string,
  files: HostFiles,
  signal: AbortSignal,
): Promise<EngineError | null> {
  const problem = await problemOfPath(directory, files, signal);
  return problem === null ? null : problemOfPath(hostFolder(directory), files, signal);
}
