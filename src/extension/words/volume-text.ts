import * as vscode from 'vscode';
import type { DiskInspection, VolumeInfo } from '../../engine/api/guest/inspection.ts';
import { formatBytes } from './format.ts';

const { t } = vscode.l10n;

/** Returns the name of a file system with its label and its state. */
export function volumeText({ name, label, dirty, encrypted }: VolumeInfo): string {
  return [
    label === null ? name : `${name} “${label}”`,
    encrypted ? t('encrypted') : '',
    dirty === true ? t('not unmounted cleanly') : '',
  ]
    .filter(Boolean)
    .join(', ');
}

/** Returns the facts of a disk's contents for a tooltip: a line for each partition. */
export function inspectionFacts({
  partitions,
  warnings,
}: DiskInspection): readonly (readonly [string, string] | string)[] {
  if (partitions.length === 0) return [t('No partitions are recognised.')];
  return [
    ...partitions.map(({ number, length, type, volume }) => {
      const what = volume === null ? type : volumeText(volume);
      const size = formatBytes(length);
      return number === 0
        ? ([t('Whole disk'), what] as const)
        : ([t('Partition {0}', number), `${what}, ${size}`] as const);
    }),
    ...warnings.map(({ message }) => message),
  ];
}
