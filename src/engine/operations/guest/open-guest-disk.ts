import type { GuestDisk } from '../../api/guest/inspection.ts';
import { recordError } from '../../backup/errors/record-errors.ts';
import { openStoredImages } from '../../backup/images/stored-disk.ts';
import { listPoints } from '../../backup/points/catalog.ts';
import { diskChain } from '../../backup/points/point-chain.ts';
import { resolveVm } from '../../backup/points/vm-names.ts';
import { choosePoint } from '../../backup/restore/restore.ts';
import { disksOfPoint, findDisk } from '../../backup/select/find-disk.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { openStoreAt, plainTarget } from '../../backup/store/store-kinds.ts';
import type { Guid } from '../../base/guid.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import { openDiskAt } from '../disk/open-disk-at.ts';

/**
 * Opens the disk of a guest, runs `work`, and closes it. Throws what opening the store, its records
 * and the images throws; `point.missing` if the point does not have the disk.
 */
export async function withGuestDisk<T>(
  place: GuestDisk,
  work: (disk: VirtualDisk) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const disk = await open(place, signal);
  try {
    return await work(disk);
  } finally {
    await disk.close();
  }
}

async function open(place: GuestDisk, signal: AbortSignal): Promise<VirtualDisk> {
  if (place.kind === 'image') return (await openDiskAt(place.path, {}, signal)).disk;
  const store = await openStoreAt(plainTarget(place.store), signal);
  const vm = await resolveVm(store, place.vm, signal);
  return openPointDisk(store, vm.id, place, signal);
}

/** Opens a disk at a point of a store, with the chain that it builds on. */
export async function openPointDisk(
  store: Store,
  vmId: Guid,
  { point: wanted, disk }: { readonly point: string; readonly disk: number | string },
  signal: AbortSignal,
): Promise<VirtualDisk> {
  const points = await listPoints(store, vmId, signal);
  const point = choosePoint(points, wanted);
  const { disks } = point.manifest;
  const record = findDisk(disksOfPoint(disks), String(disk));
  if (record === undefined) {
    throw recordError('point.missing', `The point ${point.id} has no disk “${disk}”`, {
      data: { point: point.id, found: disk, expected: disks.map(({ slot }) => slot) },
    });
  }
  return openStoredImages(store, diskChain(points, point.id, record.number), signal);
}
