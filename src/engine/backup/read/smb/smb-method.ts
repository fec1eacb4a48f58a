/**
 * `smb`: opens the frozen files on the host's own file server, or on the server that its paths or the
 * path map name. Nothing is mounted, and nothing is copied on the host.
 */
import path from 'node:path';
import { EngineError } from '../../../base/errors.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { HostDisk } from '../../host/host.ts';
import type { RemoteFiles } from '../../host/host-files.ts';
import { hostFolder } from '../../host/path-map.ts';
import { lookAtPath } from '../contract/look-at-path.ts';
import type { CheckAround, MethodCheck, ReadMethod } from '../contract/method.ts';
import { readFrozenFiles } from '../frozen/frozen-files.ts';

export const SMB_METHOD: ReadMethod = {
  id: 'smb',
  possible: 'The file server shows every disk to the account.',
  check: checkServers,
  staging: () => null,
  begin: async (order, signal) => ({
    reader: await readFrozenFiles(order, order.files.remote, signal),
    refused: null,
  }),
};

async function checkServers(
  disks: readonly HostDisk[],
  { remote }: CheckAround,
  signal: AbortSignal,
): Promise<MethodCheck> {
  if (remote === undefined) {
    const problem = notAsked('another method is possible');
    return { method: 'smb', problem, folders: [] };
  }
  const found: { slot: string; place: string }[] = [];
  // One after the other: after a refused login the next disk would only ask for another one.
  for (const disk of disks) {
    try {
      found.push({ slot: disk.slot, place: await readablePlace(disk, remote, signal) });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return { method: 'smb', problem: error, folders: [hostFolder(disk.path)], places: found };
    }
  }
  return { method: 'smb', problem: null, folders: [], places: found };
}

/**
 * Checks that the account may list the disk's folder and read the disk, that its parent is there, maybe
 * on another server, and returns its place. The disk is opened for its attributes only, since a VM may be
 * writing to it. Throws `path.*`, `smb.*`, `http.auth.*`.
 */
async function readablePlace(
  disk: HostDisk,
  remote: RemoteFiles,
  signal: AbortSignal,
): Promise<string> {
  const { place, facts } = await lookAtPath(disk.path, remote, signal);
  await remote.access.list(path.win32.dirname(place), signal);
  if (disk.parentPath !== null) await lookAtPath(disk.parentPath, remote, signal);
  if (facts.readable !== false) return place;
  throw backupError('path.denied', `The account may not read ${place}`, {
    data: { found: disk.path, local: place, folder: hostFolder(disk.path) },
  });
}

/** Returns why it is not known whether `smb` is possible: a server that is asked receives a proof of the password. */
export const notAsked = (why: string): EngineError =>
  backupError('plan.method', `The file server was not asked, since ${why}`, {
    data: { found: 'smb' },
  });
