import { backupError } from '../../backup/errors/backup-errors.ts';
import { mappedFiles } from '../../backup/host/mapped-files.ts';
import type { LocalDisks } from '../../backup/host/local-disks.ts';
import type { EngineError } from '../../base/errors.ts';
import { findVirtdiskObstacle } from '../../virtdisk/find-obstacle.ts';
import { openVirtualDisk } from '../../virtdisk/open-virtual-disk.ts';
import { isThisHost } from '../../win32/process/this-host.ts';
import { driverDisk } from './driver-disk.ts';

/**
 * Returns the disks of a host through Windows' driver on this computer. Loads nothing yet.
 * @param host name or address by which the host is reached
 */
export function localDisks(host: string): LocalDisks {
  return {
    files: mappedFiles([], (signal) => isThisHost(host, signal)),
    problem: async (signal) => {
      if (!(await isThisHost(host, signal))) return elsewhere(host);
      return findVirtdiskObstacle() ?? null;
    },
    open: async (path, signal) => {
      const handle = await openVirtualDisk({ path, access: 'read' }, signal);
      try {
        return await driverDisk(handle, signal);
      } catch (error) {
        await handle.close();
        throw error;
      }
    },
  };
}

function elsewhere(host: string): EngineError {
  const why =
    process.platform === 'win32' ? `${host} is another computer` : 'this system is not Windows';
  return backupError(
    'plan.method',
    `The method virtdisk works only on the Hyper-V host itself, since Windows' virtual disk API opens local files: ${why}`,
    { data: { found: 'virtdisk', host } },
  );
}
