import { delay } from '../../../base/abort.ts';
import { EngineError } from '../../../base/errors.ts';
import type { FileFacts } from '../../../source/files/file-access.ts';
import { pathsOf } from '../../../source/platform/path-flavour.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { HostFiles } from '../../host/host-files.ts';
import { hostFolder } from '../../host/path-map.ts';

/**
 * Time limit for one look at a file, in milliseconds. A share whose server is down may never
 * answer.
 */
const LOOK_MS = 10_000;

/** A file or folder that was found. */
export interface FoundPath {
  /** Path of `HostFiles.access`. */
  readonly place: string;
  readonly facts: FileFacts;
}

/** Returns why a path of the host cannot be used here, or null if the file or folder exists. */
export async function problemOfPath(
  hostPath: string,
  files: HostFiles,
  signal: AbortSignal,
): Promise<EngineError | null> {
  try {
    await lookAtPath(hostPath, files, signal);
    return null;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return error;
  }
}

/**
 * Looks a file or folder of the host up without opening its data, for at most ten seconds. Throws
 * `path.*`, `source.*`, `smb.*`.
 */
export async function lookAtPath(
  hostPath: string,
  files: HostFiles,
  signal: AbortSignal,
): Promise<FoundPath> {
  const look = async (limit: AbortSignal): Promise<FoundPath> => {
    const place = await files.pathOf(hostPath, limit);
    const facts = await files.access.stat(place, limit);
    if (facts === undefined) throw missing(hostPath, place, files, 'does not exist');
    return { place, facts };
  };
  const late = async (): Promise<Error> => {
    const what = `did not answer within ${LOOK_MS / 1000} seconds`;
    const place = await files.pathOf(hostPath, AbortSignal.abort()).catch(() => hostPath);
    return missing(hostPath, place, files, what);
  };
  return within(LOOK_MS, look, late, signal);
}

/** Runs `work`, but no longer than a time limit in milliseconds. */
async function within<T>(
  limit: number,
  work: (signal: AbortSignal) => Promise<T>,
  late: () => Promise<Error>,
  signal: AbortSignal,
): Promise<T> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const tooLate = delay(limit, either).then(async () => {
    throw await late();
  });
  // Prevents an unhandled rejection of the promise that loses the race.
  tooLate.catch(() => undefined);
  try {
    return await Promise.race([work(either), tooLate]);
  } finally {
    stop.abort();
  }
}

function missing(hostPath: string, place: string, files: HostFiles, what: string): EngineError {
  const data = { found: hostPath, local: place, folder: hostFolder(hostPath) };
  const above = pathsOf(files.access.flavour).dirname(place);
  const text = files.followsNames
    ? `${hostPath} on the host maps to ${place}, which ${what}. Check that ${above} is mounted and that the path map is right`
    : `${hostPath} on the host is ${place} on the file server, which ${what}. Check that the share shows the folder of the host`;
  return backupError('path.missing', text, { data });
}
