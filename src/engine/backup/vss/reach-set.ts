import path from 'node:path';
import type { BackupOptions } from '../../api/backup.ts';
import { isEngineError, type EngineError } from '../../base/errors.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { BackupHost } from '../host/host.ts';
import type { HostFiles } from '../host/host-files.ts';
import { mappedFiles } from '../host/mapped-files.ts';
import { problemOfPath } from '../read/contract/look-at-path.ts';
import type { SetPlan } from './plan-set.ts';

/** A host that mounts shadow copies, and its file server and path map, which lead to them. */
export interface CopiesReach {
  readonly host: BackupHost;
  readonly remote: HostFiles;
  readonly pathMap: BackupOptions['pathMap'];
}

/** Returns the ways to the folders in which shadow copies are mounted: the path map, then SMB. */
export const waysToCopies = ({ host, remote, pathMap }: CopiesReach): readonly HostFiles[] => [
  mappedFiles(pathMap, (signal) => host.isThisComputer(signal)),
  remote,
];

/** Returns the first way that leads to each of some folders of a host. Throws `path.*`, `smb.*`. */
export async function wayToAll(
  ways: readonly HostFiles[],
  folders: readonly string[],
  signal: AbortSignal,
): Promise<HostFiles> {
  let first: Error | undefined;
  for (const way of ways) {
    const problem = await problemOf(way, folders, signal);
    if (problem === null) return way;
    first ??= problem;
  }
  throw first ?? new Error('no way to the set');
}

async function problemOf(
  way: HostFiles,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<EngineError | null> {
  for (const folder of folders) {
    const problem = await problemOfPath(folder, way, signal);
    if (problem !== null) return problem;
  }
  return null;
}

/**
 * Throws `path.unmapped` if no way leads to the folder of the host below which the copies of a set will be
 * mounted: else VMs are frozen for copies that cannot be read from here. Throws `path.*` and `smb.*`, too.
 */
export async function requireReach(
  { mountedBelow }: Pick<SetPlan, 'mountedBelow'>,
  reach: CopiesReach,
  signal: AbortSignal,
): Promise<void> {
  if (mountedBelow === null) return;
  const folder = mappedPlace(mountedBelow, reach.pathMap) ?? mountedBelow;
  try {
    await wayToAll(waysToCopies(reach), [folder], signal);
  } catch (error) {
    if (!isEngineError(error, 'path.unmapped')) throw error;
    throw backupError(
      'path.unmapped',
      `Shadow copies are mounted below ${folder} of the host, which is not reached from here`,
      { data: { ...error.data, found: folder, folder }, cause: error },
    );
  }
}

/**
 * Returns a mapped folder of the same name elsewhere: an administrator may have moved ProgramData, which WMI does not tell, and whose
 * map says where it is. Returns undefined if no such folder is mapped, or if the usual place is mapped, too.
 */
function mappedPlace(usual: string, pathMap: BackupOptions['pathMap']): string | undefined {
  const name = path.win32.basename(usual).toLowerCase();
  const places = pathMap
    .map(({ host }) => host.replace(/[\\/]+$/, ''))
    .filter((host) => path.win32.basename(host).toLowerCase() === name);
  if (places.some((host) => host.toLowerCase() === usual.toLowerCase())) return undefined;
  return places[0];
}
