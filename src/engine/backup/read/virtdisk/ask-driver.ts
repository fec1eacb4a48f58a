import { askChanges, wmiTracker, type TrackedChanges } from '../../changes/ask-changes.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { HostDisk } from '../../host/host.ts';
import type { ReadOrder } from '../contract/method.ts';
import { compareTrackers } from './compare-trackers.ts';

/**
 * Asks Windows' driver for the changes of a frozen disk since an RCT id, and compares them with WMI's
 * if the run compares readers. Throws `tracker.*` and `virtdisk.tracking.*`: then the disk is backed up
 * in full.
 */
export async function askDriver(
  order: ReadOrder,
  disk: HostDisk,
  rctId: string,
  signal: AbortSignal,
): Promise<TrackedChanges> {
  const local = await order.files.local.open(disk.path, signal);
  try {
    const { enabled, newerChanges, mostRecentId } = await local.tracking(signal);
    const asked = await askChanges(
      (offset, length, inner) => local.queryChanges(rctId, offset, length, inner),
      disk,
      signal,
    );
    if (!enabled) {
      throw backupError(
        'tracker.refused',
        `Windows answers for the RCT ID of the disk at ${disk.slot}, but reports that change tracking is off`,
        { data: { slot: disk.slot } },
      );
    }
    if (order.compareReaders) {
      const wmi = wmiTracker(order.host, disk, rctId);
      await compareTrackers(disk, asked, wmi, order.keep, signal);
    }
    return { ...asked, evidence: { tracker: 'virtdisk', mostRecentId, newerChanges } };
  } finally {
    await local.close();
  }
}
