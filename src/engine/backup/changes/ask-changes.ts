import { ChangesLog } from './changes-file.ts';
import type { BackupHost, HostDisk } from '../host/host.ts';
import { tileChanges, type AskTracker, type TiledChanges } from './range-query.ts';

/** The changed ranges of a disk, and the tracker's raw answers, which are kept with the point. */
export interface TrackedChanges {
  readonly tiled: TiledChanges;
  readonly log: ChangesLog;
  /** Facts about the tracker that asked for the changes; they are recorded with the reason of the increment. */
  readonly evidence?: Readonly<Record<string, string | boolean>>;
}

/** Returns the tracker of a host: WMI's GetVirtualDiskChanges for a frozen disk. */
export const wmiTracker =
  (host: Pick<BackupHost, 'queryChanges'>, { path }: HostDisk, rctId: string): AskTracker =>
  (offset, length, signal) =>
    host.queryChanges(path, rctId, offset, length, signal);

/**
 * Asks a tracker for all changes of a frozen disk. Throws `tracker.lied`, `tracker.refused`.
 * @param log receives every raw answer
 */
export async function askChanges(
  ask: AskTracker,
  { virtualSize }: Pick<HostDisk, 'virtualSize'>,
  signal: AbortSignal,
  log = new ChangesLog(),
): Promise<TrackedChanges> {
  const tiled = await tileChanges(
    ask,
    virtualSize ?? 0,
    (query, answer, turns) => log.add(query, answer, turns),
    signal,
  );
  return { tiled, log };
}
