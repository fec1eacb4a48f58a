import * as vscode from 'vscode';
import { formatBytes } from '../words/format.ts';
import { choose } from './choose.ts';

const { t } = vscode.l10n;

/** The number of a disk, asked for where there are several. */
export function pickDiskNumber(
  disks: readonly {
    readonly number: number;
    readonly label: string;
    readonly size: number | null;
  }[],
): Promise<number | undefined> {
  return choose(
    t('Disk'),
    disks.map(({ number, label, size }) => ({
      label,
      description: [t('disk {0}', number), size === null ? '' : formatBytes(size)]
        .filter(Boolean)
        .join(', '),
      icon: 'database',
      value: number,
    })),
  );
}

/** The number of a disk of a point, asked for if there are several. */
export const pickPointDisk = ({
  disks,
}: {
  readonly disks: readonly {
    readonly number: number;
    readonly name: string;
    readonly virtualSize: number;
  }[];
}): Promise<number | undefined> =>
  pickDiskNumber(
    disks.map(({ number, name, virtualSize }) => ({ number, label: name, size: virtualSize })),
  );
