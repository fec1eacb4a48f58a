import { isEngineError } from '../../../base/errors.ts';
import type { RangeSet } from '../../../base/range-set.ts';
import { askChanges, type TrackedChanges } from '../../changes/ask-changes.ts';
import { ChangesLog } from '../../changes/changes-file.ts';
import type { AskTracker } from '../../changes/range-query.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { HostDisk } from '../../host/host.ts';
import type { KeepEvidence } from '../contract/method.ts';

/**
 * Asks Hyper-V's WMI for the changes that the driver reported. If the ranges differ, or WMI refuses,
 * keeps both answers and throws `tracker.readers`.
 */
export async function compareTrackers(
  disk: HostDisk,
  driver: TrackedChanges,
  wmi: AskTracker,
  keep: KeepEvidence,
  signal: AbortSignal,
): Promise<void> {
  const log = new ChangesLog();
  const what = await difference(disk, driver.tiled.ranges, wmi, log, signal);
  if (what === undefined) return;
  const kept = [
    await keep(disk.slot, 'wmi.ndjson.gz', log.bytes, signal),
    await keep(disk.slot, 'virtdisk.ndjson.gz', driver.log.bytes, signal),
  ];
  throw backupError(
    'tracker.readers',
    `Hyper-V's WMI and Windows' virtual disk API name different changes of the disk at ${disk.slot}: ${what}. Both answers are in the store: ${kept.join(' and ')}`,
    { data: { slot: disk.slot, kept } },
  );
}

/** Describes how the answers differ; undefined if they are equal. */
async function difference(
  disk: HostDisk,
  driver: RangeSet,
  ask: AskTracker,
  log: ChangesLog,
  signal: AbortSignal,
): Promise<string | undefined> {
  let wmi: RangeSet;
  try {
    ({
      tiled: { ranges: wmi },
    } = await askChanges(ask, disk, signal, log));
  } catch (error) {
    if (!isEngineError(error, 'tracker.lied', 'tracker.refused')) throw error;
    return `WMI gives no answer (${error.message})`;
  }
  const [onlyWmi, onlyDriver] = [wmi.subtract(driver), driver.subtract(wmi)];
  if (onlyWmi.isEmpty && onlyDriver.isEmpty) return undefined;
  return `${onlyWmi.bytes} bytes only by WMI, ${onlyDriver.bytes} bytes only by the virtual disk API`;
}
