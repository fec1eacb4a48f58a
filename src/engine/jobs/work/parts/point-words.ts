import type { DiskRecord, PointManifest } from '../../../backup/manifest/manifest.ts';
import type { RestoredDisk } from '../../../backup/restore/restore.ts';
import { isDamaged, isUnfinished, type PointVerdict } from '../../../backup/verify/verdict.ts';
import { formatBytes } from '../../../base/format-bytes.ts';
import type { Log } from '../../../base/log.ts';

const AREA = 'job';

const info = (log: Log, message: string): void => log({ level: 'info', area: AREA, message });

/**
 * Logs the result of a backup: kind and reason, each disk with its bytes, the reference point, the
 * warnings.
 */
export function logBackup(log: Log, manifest: PointManifest): void {
  const { id, kind, reason, consistency, referencePoint, configFiles, warnings } = manifest;
  info(
    log,
    `Point ${id} is ${kind === 'full' ? 'a full backup' : 'an increment'}: ${reason.text} (${reason.code})`,
  );
  for (const disk of manifest.disks) info(log, diskWords(disk));
  for (const { slot, path, why } of manifest.excluded) {
    info(log, `Disk at ${slot} (${path}) is not in the point: ${why}`);
  }
  info(log, `Consistency: asked ${consistency.asked}, achieved ${consistency.achieved}`);
  info(log, `Configuration: ${configFiles.length} files`);
  info(
    log,
    referencePoint === null
      ? 'No reference point: the next backup is a full'
      : `Reference point for the next increment: ${referencePoint.id}`,
  );
  for (const { code, message } of warnings) {
    log({ level: 'warn', area: AREA, message: `${message} (${code})` });
  }
}

function diskWords(disk: DiskRecord): string {
  const changed = disk.changedBytes === null ? '' : `${formatBytes(disk.changedBytes)} changed, `;
  const kind = disk.kind === 'full' ? 'full' : `increment on ${disk.parentPoint ?? ''}`;
  return (
    `Disk ${disk.number} at ${disk.slot} (${disk.path}): ${kind}, ${changed}` +
    `${formatBytes(disk.readBytes)} read, ${formatBytes(disk.writtenBytes)} stored in ${disk.file} of ${formatBytes(disk.fileSize)}, ` +
    `hash root ${disk.hashRoot}`
  );
}

/** Logs the result of a restore. */
export function logRestored(log: Log, point: string, disks: readonly RestoredDisk[]): void {
  for (const { number, file, virtualSize, hashRoot } of disks) {
    info(
      log,
      `Disk ${number} of ${point} (${formatBytes(virtualSize)}) is in ${file}; it was read back and matches the recorded hash root ${hashRoot}`,
    );
  }
}

/** Logs the result for one point, with each finding. */
export function logVerdict(log: Log, verdict: PointVerdict): void {
  const word = isUnfinished(verdict)
    ? 'was never finished and was not verified'
    : isDamaged(verdict)
      ? 'is damaged'
      : 'matches its record';
  info(log, `Point ${verdict.id} ${word}`);
  for (const { code, severity, message } of verdict.findings) {
    const level = severity === 'info' ? 'info' : severity === 'warning' ? 'warn' : 'error';
    log({ level, area: AREA, message: `${message} (${code})` });
  }
}
