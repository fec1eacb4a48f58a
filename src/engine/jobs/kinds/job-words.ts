import type { JobInput, JobSpec } from '../../api/jobs.ts';
import type { DiskRecord, PointManifest } from '../../backup/manifest/manifest.ts';
import type { RestoredDisk } from '../../backup/restore/restore.ts';
import { isDamaged, isUnfinished, type PointVerdict } from '../../backup/verify/verify.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import type { Log } from '../../base/log.ts';

const AREA = 'job';

const info = (log: Log, message: string): void => log({ level: 'info', area: AREA, message });

/** Describes the start of a job in one sentence. */
export function startWords({ title, spec }: JobInput): string {
  return `${doing(title, spec)} started`;
}

function doing(title: string, spec: JobSpec): string {
  switch (spec.kind) {
    case 'backup':
      return `Backup (${spec.options.kind}, method ${spec.options.method}) of ${title} from ${spec.host} into ${spec.store}`;
    case 'export':
      return `Export of ${title} on ${spec.host} to ${spec.directory}${spec.since === null ? '' : `, changes since ${spec.since}`}`;
    case 'restore': {
      const disks = spec.disks.length === 0 ? 'every disk' : `disks ${spec.disks.join(', ')}`;
      return `Restore of ${title}, point ${spec.point}, ${disks}, as ${spec.format} from ${spec.store} to ${spec.to}`;
    }
    case 'verify': {
      const points = spec.points.length === 0 ? 'every point' : spec.points.join(', ');
      return `${spec.quick ? 'Quick verification' : 'Verification'} of ${title}, ${points}, in ${spec.store}`;
    }
  }
}

/** Formats a duration: `0.4 s`, `12 s`, `3 min 5 s`. */
export function durationWords(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

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
