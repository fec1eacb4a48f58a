import { ChangesLog } from './changes-file.ts';
import type { HostDisk } from '../host/host.ts';
import { tileChanges, type TiledChanges } from './range-query.ts';
import type { RunDeps } from '../context/run-context.ts';

/** The changed ranges of a disk, and the tracker's raw answers, which are kept with the point. */
export interface TrackedChanges {
  readonly tiled: TiledChanges;
  readonly log: ChangesLog;
}

/** Asks the tracker for all changes of a frozen disk. Throws `tracker.lied`, `tracker.refused`. */
export async function askChanges(
  { host }: RunDeps,
  { path, virtualSize }: HostDisk,
  rctId: string,
  signal: AbortSignal,
): Promise<TrackedChanges> {
  const log = new ChangesLog();
  const tiled = await tileChanges(
    (offset, length, inner) => host.queryChanges(path, rctId, offset, length, inner),
    virtualSize ?? 0,
    (query, answer) => {
      log.add(query, answer);
    },
    signal,
  );
  return { tiled, log };
}
