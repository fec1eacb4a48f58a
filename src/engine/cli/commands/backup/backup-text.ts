import type { BackupPlan, CleanedItem } from '../../../api/backup.ts';
import type { BackupResult } from '../../../backup/run/run-backup.ts';
import { checkLines } from '../../../backup/tracker/check-text.ts';
import { formatBytes } from '../../../base/format-bytes.ts';
import { withAdvice } from '../../terminal/advice.ts';
import { facts, inLine, table } from '../../terminal/text.ts';

/** The document of `backup`. */
export function toDocument({
  manifest,
  seconds,
  dataSeconds,
  cleaned,
  unfinished,
}: BackupResult): object {
  return {
    point: manifest.id,
    vm: manifest.vm,
    kind: manifest.kind,
    reason: manifest.reason,
    method: manifest.method,
    methodReason: manifest.methodReason,
    parent: manifest.parent,
    consistency: manifest.consistency,
    disks: manifest.disks.map((disk) => ({
      number: disk.number,
      slot: disk.slot,
      file: disk.file,
      kind: disk.kind,
      reason: disk.reason,
      virtualSize: disk.virtualSize,
      changedBytes: disk.changedBytes,
      readBytes: disk.readBytes,
      writtenBytes: disk.writtenBytes,
      fileBytes: disk.fileSize,
      hashRoot: disk.hashRoot,
    })),
    excluded: manifest.excluded,
    trackerCheck: manifest.trackerCheck,
    seconds,
    dataSeconds,
    warnings: [...manifest.warnings, ...unfinished],
    cleaned,
  };
}

/** Returns the text of a backup for people. */
export function describeBackup(result: BackupResult): string {
  const { manifest } = result;
  return [
    facts([
      ['point', manifest.id],
      ['kind', `${manifest.kind === 'full' ? 'full' : 'incremental'}: ${manifest.reason.text}`],
      ['consistency', manifest.consistency.achieved],
      ['time', `${result.seconds.toFixed(1)} s`],
    ]),
    '',
    table(
      ['disk', 'kind', 'size', 'changed', 'read', 'stored', 'in file', 'file'],
      manifest.disks.map((disk) => [
        String(disk.number),
        disk.kind,
        formatBytes(disk.virtualSize),
        disk.changedBytes === null ? '' : formatBytes(disk.changedBytes),
        formatBytes(disk.readBytes),
        formatBytes(disk.writtenBytes),
        formatBytes(disk.fileSize),
        disk.file,
      ]),
      ['disk', 'size', 'changed', 'read', 'stored', 'in file'],
    ),
    ...(manifest.kind === 'incr'
      ? checkLines(manifest.trackerCheck).map((line) => `tracker check: ${line}`)
      : []),
    ...[...manifest.warnings, ...result.unfinished].map(
      (warning) => `warning: ${warning.message} (${warning.code})`,
    ),
    ...result.cleaned.map((item) => `${wordFor(item, false)}: ${item.text} (${item.id})`),
  ].join('\n');
}

/** Returns the text of a plan for people. */
export function describePlan(plan: BackupPlan): string {
  return [
    `${inLine(plan.vm.name)}: ${plan.kind === 'full' ? 'full' : 'incremental'} by ${plan.method}: ${plan.reason.text}`,
    ...plan.disks.map(
      ({ slot, kind, reason }) => `  ${slot}  ${kind}  ${reason.text} (${reason.code})`,
    ),
    ...plan.methods.map(
      ({ method, possible, untried, reason, code, folders }) =>
        `  ${method}  ${possible ? 'possible' : untried === true ? 'not tried' : 'not possible'}  ${withAdvice(code ?? '', reason, { found: method, folder: folders[0] ?? '' })}`,
    ),
    ...plan.warnings.map(({ code, message }) => `warning: ${message} (${code})`),
  ].join('\n');
}

/** Nothing was or would be removed of what is unclear or had to be left. */
export function wordFor({ kind }: CleanedItem, dryRun: boolean): string {
  if (kind === 'unclear' || kind === 'left') return kind;
  return dryRun ? 'would clean' : 'cleaned';
}
