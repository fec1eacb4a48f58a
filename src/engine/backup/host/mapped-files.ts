import path from 'node:path';
import type { PathMapping } from '../../api/host.ts';
import { isEngineError } from '../../base/errors.ts';
import { LOCAL_ACCESS } from '../../source/files/local-access.ts';
import type { HostFiles } from './host-files.ts';
import { toLocalPath, type LocalPath } from './path-map.ts';

/**
 * Returns the files of a host that a path map shows in folders of this machine. Throws `path.*`.
 * @param isHost whether this computer is the host, whose paths then need no map
 */
export function mappedFiles(
  pathMap: readonly PathMapping[],
  isHost: (signal: AbortSignal) => Promise<boolean>,
): HostFiles {
  const local = async (hostPath: string, signal: AbortSignal): Promise<LocalPath> =>
    toLocalPath(hostPath, pathMap, await isHost(signal));
  return {
    access: LOCAL_ACCESS,
    pathOf: async (hostPath, signal) => (await local(hostPath, signal)).path,
    reaches: (hostPath, signal) => reaches(() => local(hostPath, signal), signal),
    followsNames: true,
  };
}

/** An empty folder is a mount point without its share. */
async function reaches(find: () => Promise<LocalPath>, signal: AbortSignal): Promise<boolean> {
  try {
    const { path: local, root } = await find();
    // Without a mapping this machine is the host, which has the folder.
    const folder = root ?? path.dirname(local);
    const entries = await LOCAL_ACCESS.list(folder, signal);
    return entries !== undefined && (root === undefined || entries.length > 0);
  } catch (error) {
    signal.throwIfAborted();
    if (isEngineError(error, 'path.invalid') || !isEngineError(error)) throw error;
    return false;
  }
}
