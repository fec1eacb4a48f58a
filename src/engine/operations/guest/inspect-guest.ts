import type { DiskInspection, GuestDisk } from '../../api/guest/inspection.ts';
import { inspectDisk } from '../../guest/inspect-disk.ts';
import { withGuestDisk } from './open-guest-disk.ts';

/** Reads the partitions and file systems of a disk at a point, or of an image. */
export const inspectGuest = (place: GuestDisk, signal: AbortSignal): Promise<DiskInspection> =>
  withGuestDisk(place, (disk) => inspectDisk(disk, signal), signal);
