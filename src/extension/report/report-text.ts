import * as vscode from 'vscode';
import type { PointReport } from '../../engine/api/store.ts';
import { formatBytes, formatSeconds, formatTime } from '../format.ts';

const { t } = vscode.l10n;

/** A backup point in words, from its manifest and its last verification. */
export function reportText(report: PointReport): string {
  const { point, vm, disks, verdict } = report;
  const kind = point.kind === 'full' ? t('Full backup') : t('Incremental backup');
  const seconds =
    (Date.parse(report.finished) - Date.parse(point.created ?? report.finished)) / 1000;
  const sum = (field: 'readBytes' | 'writtenBytes'): string =>
    formatBytes(disks.reduce((total, disk) => total + disk[field], 0));
  const facts: readonly (readonly [string, string])[] = [
    [t('Virtual machine'), `${vm.name} (${vm.id})`],
    [t('Host'), report.host],
    [t('Point'), point.id],
    [t('Made'), `${formatTime(point.created)}, ${formatSeconds(seconds)}`],
    [t('Why'), `${point.reason?.text ?? ''} (${point.reason?.code ?? ''})`],
    [t('Builds on'), point.parent ?? t('nothing: it is a full one')],
    [
      t('Consistency'),
      t('{0} (asked for: {1})', point.consistency ?? t('unknown'), report.consistencyAsked),
    ],
    [t('Read by'), report.method],
    [t('Read, stored'), `${sum('readBytes')}, ${sum('writtenBytes')}`],
    [
      t('Tracker check'),
      report.trackerCheck.mode === 'off'
        ? t('off: a range that the tracker left out would go unseen')
        : `${report.trackerCheck.mode}, ${formatBytes(report.trackerCheck.checkedBytes)}`,
    ],
    [t('Verified'), verdictText(verdict)],
  ];
  return [
    `# ${kind}: ${vm.name}`,
    '',
    ...facts.map(([name, value]) => `- **${name}:** ${value}`),
    '',
    `## ${t('Disks')}`,
    '',
    ...disks.flatMap((disk) => [
      `### ${disk.number} ${disk.name}`,
      '',
      `- **${t('Image')}:** \`${disk.path}\``,
      `- **${t('On the host')}:** \`${disk.hostPath}\` (${disk.slot})`,
      `- **${t('Kind')}:** ${disk.kind === 'full' ? t('full') : t('incremental')}: ${disk.reason.text} (${disk.reason.code})`,
      `- **${t('Size')}:** ${formatBytes(disk.virtualSize)}; ${t('read {0}, stored {1}', formatBytes(disk.readBytes), formatBytes(disk.writtenBytes))}`,
      `- **${t('Hash root')}:** \`${disk.hashRoot}\``,
      `- **${t('Change tracking id')}:** ${disk.rctId === null ? t('none') : `\`${disk.rctId}\``}`,
      '',
    ]),
    ...list(
      t('Left out'),
      report.excluded.map(({ slot, path, why }) => `${slot} \`${path}\`: ${why}`),
    ),
    ...list(
      t('Warnings'),
      report.warnings.map(({ message, code }) => `${message} (\`${code}\`)`),
    ),
    ...list(
      t('Findings of the last verification'),
      (verdict?.findings ?? []).map(
        ({ severity, message, code }) => `**${severity}** ${message} (\`${code}\`)`,
      ),
    ),
  ].join('\n');
}

function verdictText(verdict: PointReport['verdict']): string {
  if (verdict === null) return t('never');
  const how = verdict.quick ? t('quickly') : t('every hash');
  return `${verdict.ok ? t('as recorded') : t('DAMAGED')} (${how}, ${formatTime(verdict.time)})`;
}

const list = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`## ${title}`, '', ...lines.map((line) => `- ${line}`), ''];
