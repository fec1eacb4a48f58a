import type { PathMapping } from '../../../api/host.ts';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { delay } from '../../../base/abort.ts';
import { EngineError } from '../../../base/errors.ts';
import { fileError, systemCode } from '../../../source/platform/file-errors.ts';
import { backupError } from '../../errors/backup-errors.ts';
import { hostFolder, toLocalPath } from '../../host/path-map.ts';

/**
 * Time limit for one look at a file, in milliseconds. A share whose server is down may never
 * answer.
 */
const LOOK_MS = 10_000;

/** Returns why a path of the host cannot be used here, or null if the file or folder exists. */
export async function problemOfPath(
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
    // Prevents an unhandled rejection of the promise that loses the race.
    late.catch(() => undefined);
    await Promise.race([stat(local), late]);
  } catch (error) {
    const code = systemCode(error);
    // A file that is in use exists.
    if (code === 'EBUSY') return;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw missing(hostPath, local, 'does not exist');
    throw fileError(error, 'look for', local);
  } finally {
    stop.abort();
  }
}

const missing = (hostPath: string, local: string, what: string): EngineError =>
  backupError(
    'path.missing',
    `${hostPath} on the host maps to ${local}, which ${what}. Check that ${path.dirname(local)} is mounted and that the path map is right`,
    { data: { found: hostPath, local, folder: hostFolder(hostPath) } },
  );
