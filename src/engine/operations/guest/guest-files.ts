import {
  MAX_LISTED,
  type CopiedFiles,
  type GuestCopyRequest,
  type GuestList,
  type GuestListRequest,
} from '../../api/guest/guest-files.ts';
import type { Progress } from '../../base/progress.ts';
import { copyTree } from '../../guest/files/copy-tree.ts';
import { findPath } from '../../guest/files/find-path.ts';
import { listFolder } from '../../guest/files/list-folder.ts';
import { openVolume } from '../../guest/files/open-volume.ts';
import { inspectDisk } from '../../guest/inspect-disk.ts';
import { withGuestDisk } from './open-guest-disk.ts';

/**
 * Lists the files of a folder of a guest by name, at most `MAX_LISTED` of them. Throws `guest.*`,
 * and what opening the disk throws.
 */
export const listGuestFiles = (
  { disk: place, volume, path, from, count }: GuestListRequest,
  signal: AbortSignal,
): Promise<GuestList> =>
  withGuestDisk(
    place,
    async (disk) => {
      const opened = await openVolume(disk, await inspectDisk(disk, signal), volume, signal);
      const found = await findPath(opened.files, path, signal);
      const listed = await listFolder(found, from, Math.min(count, MAX_LISTED), signal);
      return { volume: opened.number, path: found.path, ...listed };
    },
    signal,
  );

/** Copies files and folders of a guest into a folder. Throws `guest.*`, `source.*`. */
export const copyGuestFiles = (
  { disk: place, volume, paths, to }: GuestCopyRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<CopiedFiles> =>
  withGuestDisk(
    place,
    async (disk) => {
      const opened = await openVolume(disk, await inspectDisk(disk, signal), volume, signal);
      return copyTree(opened.files, paths, to, progress, signal);
    },
    signal,
  );
