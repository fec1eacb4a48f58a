import { isEngineError } from '../../base/errors.ts';
import type { HostFiles, RemoteFiles } from './host-files.ts';
import type { LocalDisks } from './local-disks.ts';

/** The ways to a host's files. */
export interface ReachableFiles {
  /** Through Windows' virtual disk driver, if this computer is the host. */
  readonly local: LocalDisks;
  /** Through folders of this machine. */
  readonly mapped: HostFiles;
  readonly remote: RemoteFiles;
}

/** Way to a file of the host: a folder of this machine, or SMB to its file server. */
export type FileWay = 'mapped' | 'remote';

/**
 * Returns the way to a path of the host: through the path map, or over SMB if it does not contain the
 * path and the login reaches the file server. Throws `path.unmapped`.
 */
export async function wayTo(
  hostPath: string,
  { mapped, remote }: Pick<ReachableFiles, FileWay>,
  signal: AbortSignal,
): Promise<FileWay> {
  try {
    await mapped.pathOf(hostPath, signal);
    return 'mapped';
  } catch (error) {
    if (!isEngineError(error, 'path.unmapped')) throw error;
    if (await remote.reaches(hostPath, signal)) return 'remote';
    throw error;
  }
}
