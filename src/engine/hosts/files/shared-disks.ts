import type { LocalDiskFacts } from '../../backup/host/disk-facts.ts';
import type { RawChanges } from '../../backup/host/raw-changes.ts';
import type { SharedDisks, SharedHostDisk } from '../../backup/host/shared-disks.ts';
import { isEngineError } from '../../base/errors.ts';
import { parseGuid } from '../../base/guid.ts';
import { hostError } from '../../hyperv/hyperv-errors.ts';
import { SharedDisk } from '../../net/rsvd/client/shared-disk.ts';
import type { SmbServers } from '../../net/smb/client/servers/smb-servers.ts';

/**
 * Returns the shared disks of file servers, in the sessions of the files there. Sends nothing yet.
 * @param pathOf returns the UNC path of a path of the host
 */
export function sharedDisks(
  servers: SmbServers,
  pathOf: (hostPath: string, signal: AbortSignal) => Promise<string>,
): SharedDisks {
  return {
    open: async (hostPath, signal) => {
      const { link, share, path } = servers.placeOf(await pathOf(hostPath, signal));
      return adapt(await SharedDisk.open(link, share, path, {}, signal));
    },
  };
}

function adapt(disk: SharedDisk): SharedHostDisk {
  const { facts } = disk;
  const described: LocalDiskFacts = {
    virtualDiskId: facts.diskId,
    virtualSize: facts.virtualSize,
    logicalSectorSize: facts.sectorSize,
    physicalSectorSize: facts.physicalSectorSize,
    format: facts.isSet ? 'vhds' : 'vhdx',
  };
  return {
    facts: described,
    openSnapshot: (id, signal) => disk.openSnapshot(parseGuid(id), signal),
    async *unmapped(id, signal) {
      for await (const { start, length } of disk.unmapped(parseGuid(id), signal)) {
        yield { start, end: start + length };
      }
    },
    queryChanges: async (limitId, targetId, offset, length, signal): Promise<RawChanges> => {
      const query = { limitId: parseGuid(limitId), targetId: parseGuid(targetId), offset, length };
      try {
        return await disk.queryChanges(query, signal);
      } catch (error) {
        // The tracker refuses: a smaller question may succeed, else the disk becomes a full.
        if (!isEngineError(error, 'rsvd.snapshot', 'rsvd.failed')) throw error;
        throw hostError('host.tracking', error.message, { data: error.data, cause: error });
      }
    },
    close: () => disk.close(),
  };
}
