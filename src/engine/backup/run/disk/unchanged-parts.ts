import { isEngineError } from '../../../base/errors.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import type { VirtualDisk } from '../../../disk/virtual/virtual-disk.ts';
import type { RunDeps } from '../../context/run-context.ts';
import type { DiskRecord } from '../../manifest/manifest.ts';
import type { HostDiskSource } from '../../read/source/host-disk-source.ts';
import { pointFolder } from '../../store/contract/layout.ts';
import { checkTracker } from '../../tracker/check-tracker.ts';
import type { DiskResult, DiskTask } from '../record/disk-task.ts';

/**
 * Checks the parts that the tracker reported as unchanged. An exported increment has no unchanged
 * parts, so the frozen file is read for the check. If that file cannot be opened here, adds a
 * warning and continues: the export itself does not need it.
 */
export async function checkUnchanged(
  deps: RunDeps,
  task: DiskTask,
  source: HostDiskSource,
  record: DiskRecord,
  signal: AbortSignal,
): Promise<Pick<DiskResult, 'check' | 'warnings'>> {
  if (task.checkTracker === 'off') return { check: null, warnings: [] };
  const folder = pointFolder(task.vmId, task.pointId);
  const of = (disk: VirtualDisk): ReturnType<typeof checkTracker> =>
    checkTracker(deps, task, { disk, changed: source.ranges, folder, record }, signal);
  if (source.opened !== undefined) return { check: await of(source.opened.disk), warnings: [] };
  let frozen: OpenedDisk;
  try {
    frozen = await task.openFrozen(signal);
  } catch (error) {
    if (!isEngineError(error)) throw error;
    const message = `The change tracker was not checked for the disk at ${record.slot}: ${error.message.slice(0, 1000)}`;
    return { check: null, warnings: [{ code: 'tracker.unchecked', message }] };
  }
  try {
    return { check: await of(frozen.disk), warnings: [] };
  } finally {
    await frozen.disk.close();
  }
}
