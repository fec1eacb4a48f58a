import type { PlacedShadow } from '../../../vss/requestor.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { HostFiles } from '../../host/host-files.ts';
import type { MountFolder } from '../../host/shadow-host.ts';
import { volumeOf } from './volumes.ts';

/**
 * Returns the files of a host as they were in a shadow copy set: each path of the host leads to the
 * copy of its volume, and to nothing else. Throws `path.unmapped` for a path outside of the set.
 * @param files reach the roots of the copies
 */
export function filesInSet(
  files: HostFiles,
  shadows: readonly PlacedShadow[],
  mounts: readonly MountFolder[],
): HostFiles {
  const inSet = (hostPath: string): string => {
    const found = volumeOf(hostPath, mounts);
    const shadow = shadows.find(
      ({ volume }) => volume.toLowerCase() === found?.volume.toLowerCase(),
    );
    if (found !== undefined && shadow !== undefined) {
      const parts = found.rest.split('\\').filter((part) => part !== '');
      if (!parts.includes('..')) return [shadow.root, ...parts].join('\\');
    }
    throw backupError('path.unmapped', `${hostPath} is not on a volume of the shadow copies`, {
      data: { found: hostPath, folder: hostPath, expected: shadows.map(({ volume }) => volume) },
    });
  };
  return {
    access: files.access,
    pathOf: async (hostPath, signal) => files.pathOf(inSet(hostPath), signal),
    reaches: async (hostPath, signal) => files.reaches(inSet(hostPath), signal),
    // Names inside of images are resolved to paths of the host first: see open-in-set.ts.
    followsNames: false,
  };
}
