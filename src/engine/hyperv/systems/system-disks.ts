import type { Guid } from '../../base/guid.ts';
import type { CimClient } from '../../cim/client.ts';
import type { CimReference } from '../../cim/model.ts';
import { perform } from '../calls/perform.ts';
import { SYSTEM_OPERATION } from '../calls/system-operations.ts';
import { attachedDisks, isSamePlace } from '../inventory/disks.ts';
import { CLASS } from '../wmi-classes.ts';
import { settings } from './setting-types.ts';

/** A disk of a system and the file that it gets. */
export interface PlacedDisk {
  /** InstanceID of the storage settings of the VM that was backed up: it names the place. */
  readonly locationId: string;
  /** Path on the host. */
  readonly path: string;
}

/**
 * Gives the disks of a planned VM their files. Removes every other disk, which still names a file or
 * a physical disk of the VM that was backed up; returns the slots of those.
 */
export async function setDisks(
  client: CimClient,
  id: Guid,
  disks: readonly PlacedDisk[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const attached = await attachedDisks(client, id, false, signal);
  const changes = attached.flatMap(({ locationId, format }) => {
    const disk = disks.find((each) => isSamePlace(each.locationId, locationId));
    if (disk === undefined || format === 'physical') return [];
    return [settings(CLASS.storage, { InstanceID: locationId, HostResource: [disk.path] })];
  });
  if (changes.length > 0) {
    const args = { ResourceSettings: changes };
    await perform(client, SYSTEM_OPERATION.modifyResourceSettings, args, signal);
  }
  const others = attached.filter(
    ({ locationId }) => !disks.some((each) => isSamePlace(each.locationId, locationId)),
  );
  for (const { locationId, format } of others) {
    // A file before its drive: the drive cannot be removed while it has one.
    if (format !== 'physical') await remove(client, CLASS.storage, locationId, signal);
    await remove(client, CLASS.resource, locationId.replace(/\\L$/i, '\\D'), signal);
  }
  return others.map(({ slot }) => slot);
}

/**
 * Sets the files of a VM's disks, all by one call. The places are InstanceIDs of the VM's own settings.
 * If the host rejects one file it may have set others (UNCONFIRMED): read them back.
 */
export async function attachDisks(
  client: CimClient,
  disks: readonly PlacedDisk[],
  signal: AbortSignal,
): Promise<void> {
  const changes = disks.map(({ locationId, path }) =>
    settings(CLASS.storage, { InstanceID: locationId, HostResource: [path] }),
  );
  const args = { ResourceSettings: changes };
  await perform(client, SYSTEM_OPERATION.attachDisks, args, signal);
}

async function remove(
  client: CimClient,
  className: string,
  InstanceID: string,
  signal: AbortSignal,
): Promise<void> {
  const reference: CimReference = { className, keys: { InstanceID } };
  const args = { ResourceSettings: [reference] };
  await perform(client, SYSTEM_OPERATION.removeResourceSettings, args, signal);
}
