import path from 'node:path';
import { existsSync } from 'node:fs';
import { NIL_GUID } from '../../../base/guid.ts';
import { TRACKING_STATUS } from '../../../net/rsvd/codec/changes/tracking.ts';
import type { SetLog, SetState } from './set-state.ts';

/**
 * Whether a sidecar still describes a set: somebody may have replaced its files since. Otherwise its
 * snapshots are gone.
 */
export async function isOfSet(
  folder: string,
  state: SetState,
  active: string,
  diskId: string,
): Promise<boolean> {
  const files = state.files.map(({ name }) => name);
  const plain = files.every((name) => path.basename(name) === name);
  return (
    plain &&
    state.active === active &&
    state.diskId === diskId &&
    files.includes(active) &&
    files.every((name) => existsSync(path.join(folder, name)))
  );
}

/** State of log-based tracking that was never started. */
export const noLog = (): SetLog => ({
  status: TRACKING_STATUS.notInitialized,
  logId: NIL_GUID,
  logName: '',
  maxSize: 0,
  size: 0,
});
