import path from 'node:path';
import type { PathMapping } from '../../api/host.ts';
import { isEngineError } from '../../base/errors.ts';
import { LOCAL_ACCESS } from '../../source/files/local-access.ts';
import type { HostFiles } from './host-files.ts';
import { toLocalPath } from './path-map.ts';

/** Returns the files of a host that a path map shows in folders of this machine. Throws `path.*`. */
export function mappedFiles(pathMap: readonly PathMapping[]): HostFiles {
  return {
    access: LOCAL_ACCESS,
    pathOf: async (hostPath) => toLocalPath(hostPath, pathMap).path,
    reaches: (hostPath, signal) => reaches(hostPath, pathMap, signal),
    followsNames: true,
  };
}

/** An empty folder is a mount point without its share. */
async function reaches(
  hostPath: string,
  pathMap: readonly PathMapping[],
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { path: local, root } = toLocalPath(hostPath, pathMap);
    // Without a mapping, this machine is the host if it has the folder.
    const folder = root ?? path.dirname(local);
    const entries = await LOCAL_ACCESS.list(folder, signal);
    return entries !== undefined && (root === undefined || entries.length > 0);
  } catch (error) {
    signal.throwIfAborted();
    if (isEngineError(error, 'path.invalid') || !isEngineError(error)) throw error;
    return false;
  }
}
