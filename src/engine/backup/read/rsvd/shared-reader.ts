/**
 * `rsvd`: reads shared disks (VHD Sets) as snapshots of a group, each once, whatever the number of VMs that
 * have it. Changes between two snapshots come from the same server.
 */
import type { Warning } from '../../../api/backup.ts';
import { parseGuid } from '../../../base/guid.ts';
import { ChainDisk } from '../../../disk/chain/chain.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import { askChanges } from '../../changes/ask-changes.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { HostDisk } from '../../host/host.ts';
import type { SharedDisks, SharedHostDisk } from '../../host/shared-disks.ts';
import { checkIdentity } from '../source/host-disk-source.ts';
import { emptyParts, withoutEmptyParts } from './empty-parts.ts';
import { DriverImage } from '../source/driver-image.ts';
import type { DiskReader } from '../contract/method.ts';

export const SHARED_METHOD = 'rsvd';

/** Whether several VMs may have a disk, so that it is read by `rsvd`. */
export const isShared = ({ format, shared }: HostDisk): boolean => shared || format === 'vhds';

/** Choices of the run that the reader follows. */
export interface SharedReaderOptions {
  /** The server may say which parts of a full are zeros; otherwise the whole disk is read. */
  readonly trustsAllocation: boolean;
  readonly warn: (warning: Warning) => void;
}

/** Returns the reader of the shared disks of a frozen group. Contacts no host yet. */
export function sharedReader(disks: SharedDisks, options: SharedReaderOptions): DiskReader {
  return {
    openWhole: (disk, signal) => openSnapshot(disks, disk, options, signal),
    openFrozen: (disk, signal) => openSnapshot(disks, disk, undefined, signal),
    openChanges: undefined,
    askChanges: async (disk, limitId, signal) => {
      const set = await disks.open(disk.path, signal);
      try {
        const target = snapshotOf(disk);
        const ask: Parameters<typeof askChanges>[0] = (offset, length, inner) =>
          set.queryChanges(limitId, target, offset, length, inner);
        return await askChanges(ask, disk, signal);
      } finally {
        await set.close();
      }
    },
  };
}

async function openSnapshot(
  disks: SharedDisks,
  disk: HostDisk,
  full: SharedReaderOptions | undefined,
  signal: AbortSignal,
): Promise<OpenedDisk> {
  const set: SharedHostDisk = await disks.open(disk.path, signal);
  try {
    const { facts } = set;
    checkIdentity(disk, facts, disk.path);
    const id = snapshotOf(disk);
    const bytes = await set.openSnapshot(id, signal);
    const close = async (): Promise<void> => {
      try {
        await bytes.close();
      } finally {
        await set.close();
      }
    };
    const empty =
      full?.trustsAllocation === true
        ? await emptyParts(set, id, bytes, full.warn, signal).catch(async (error: unknown) => {
            await bytes.close().catch(() => undefined);
            throw error;
          })
        : undefined;
    const parts = empty === undefined ? undefined : withoutEmptyParts(empty);
    const image = new DriverImage(bytes, facts, parts, close);
    return {
      disk: new ChainDisk([image]),
      format: facts.format,
      chain: [disk.path],
      layers: [image],
      fileSize: facts.virtualSize,
    };
  } catch (error) {
    await set.close().catch(() => undefined);
    throw error;
  }
}

/** Returns the snapshot that the group's checkpoint made of a disk. Throws `disk.snapshot`. */
function snapshotOf({ slot, path, snapshotId }: HostDisk): string {
  if (snapshotId !== undefined && snapshotId !== null) return parseGuid(snapshotId);
  throw backupError(
    'disk.snapshot',
    `The host does not name the snapshot that the checkpoint made of ${path}`,
    { data: { slot, path } },
  );
}
