import * as vscode from 'vscode';
import type { PointReport } from '../../engine/api/store.ts';
import { formatBytes, formatSeconds, formatTime } from '../format.ts';
import { code, fact, prose, section } from './markdown.ts';

const { t } = vscode.l10n;

/** A backup point in words, from its manifest and its last verification. */
export function reportText(report: PointReport, store: string): string {
  const { point, vm, disks, verdict, host } = report;
  const kind = point.kind === 'full' ? t('Full backup') : t('Incremental backup');
  return [
    `# ${kind}: ${prose(vm.name === '' ? vm.id : vm.name)}`,
    '',
    ...fact(t('Virtual machine'), `${code(vm.name)} ${code(vm.id)}`),
    ...fact(t('Host'), code(host)),
    ...fact(t('Store'), code(store)),
    ...fact(t('Point'), code(point.id)),
    ...fact(t('Made'), `${formatTime(point.created)}, ${tookText(report)}`),
    ...fact(t('Why this kind'), reasonText(point.reason)),
    ...fact(
      t('Builds on'),
      point.parent === null ? t('nothing: it is a full one') : code(point.parent),
    ),
    ...fact(
      t('Consistency'),
      t(
        '{0} (asked for: {1})',
        prose(point.consistency ?? t('unknown')),
        prose(report.consistencyAsked),
      ),
    ),
    ...fact(t('Read by'), prose(report.method)),
    ...fact(t('Read'), formatBytes(sum(disks, 'readBytes'))),
    ...fact(t('Stored'), formatBytes(sum(disks, 'writtenBytes'))),
    ...fact(t('Tracker check'), trackerText(report.trackerCheck)),
    ...fact(t('Verified'), verdictText(verdict)),
    '',
    `## ${t('Disks')}`,
    '',
    ...disks.flatMap(diskText),
    ...section(
      t('Left out'),
      report.excluded.map(({ slot, path, why }) => `${prose(slot)} ${code(path)}: ${prose(why)}`),
    ),
    ...section(t('Warnings'), report.warnings.map(noteText)),
    ...section(
      t('Findings of the last verification'),
      (verdict?.findings ?? []).map((found) => `**${prose(found.severity)}** ${noteText(found)}`),
    ),
  ].join('\n');
}

function diskText(disk: PointReport['disks'][number]): readonly string[] {
  const kind = disk.kind === 'full' ? t('full') : t('incremental');
  return [
    `### ${t('Disk {0}', disk.number)}: ${code(disk.name)}`,
    '',
    ...fact(t('Image'), code(disk.path)),
    ...fact(t('On the host'), `${code(disk.hostPath)} (${prose(disk.slot)})`),
    ...fact(t('Kind'), `${kind}: ${reasonText(disk.reason)}`),
    ...fact(t('Size'), formatBytes(disk.virtualSize)),
    ...fact(t('Read'), formatBytes(disk.readBytes)),
    ...fact(t('Stored'), formatBytes(disk.writtenBytes)),
    ...fact(t('Hash root'), code(disk.hashRoot)),
    ...fact(t('Change tracking id'), disk.rctId === null ? t('none') : code(disk.rctId)),
    '',
  ];
}

function tookText({ point, finished }: PointReport): string {
  const seconds = (Date.parse(finished) - Date.parse(point.created ?? finished)) / 1000;
  return t('took {0}', formatSeconds(Math.max(0, seconds)));
}

const reasonText = (reason: PointReport['point']['reason']): string =>
  reason === null ? '' : `${prose(reason.text)} (${code(reason.code)})`;

const noteText = ({
  message,
  code: name,
}: {
  readonly message: string;
  readonly code: string;
}): string => `${prose(message)} (${code(name)})`;

function trackerText({ mode, checkedBytes }: PointReport['trackerCheck']): string {
  return mode === 'off'
    ? t('off: a range that the tracker left out would go unseen')
    : t('{0}, {1} read again', prose(mode), formatBytes(checkedBytes));
}

function verdictText(verdict: PointReport['verdict']): string {
  if (verdict === null) return t('never');
  const how = verdict.quick ? t('quickly') : t('every hash');
  return `${verdict.ok ? t('as recorded') : t('DAMAGED')} (${how}, ${formatTime(verdict.time)})`;
}

const sum = (disks: PointReport['disks'], field: 'readBytes' | 'writtenBytes'): number =>
  disks.reduce((total, disk) => total + disk[field], 0);
