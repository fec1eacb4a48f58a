import * as vscode from 'vscode';
import type { StoreDisk } from '../../../engine/api/store.ts';
import { formatBytes } from '../../words/format.ts';
import type { Services } from '../../services/services.ts';
import { nodeOf, type AnyNode } from '../../nodes/nodes.ts';
import { askFolder } from '../../ask/ask-folder.ts';
import { askForce } from '../../stores/ask-force.ts';
import { choose, chooseSeveral } from '../../ask/choose.ts';
import type { PointOfStore } from '../../stores/pick-store.ts';
import { runJobs } from '../../jobs/run-jobs.ts';

const { t } = vscode.l10n;

/** Disks where there are several, format, folder; what stands in the folder is replaced only after a question. */
export async function restoreFiles(
  services: Services,
  { store, vm, point }: PointOfStore,
  node: AnyNode | undefined,
): Promise<void> {
  const disks = await pickDisks(
    t('Restore which disks'),
    point.disks,
    nodeOf(node, 'pointDisk')?.disk,
  );
  if (disks === undefined) return;
  const format = await choose<'vhdx' | 'vhd' | 'raw'>(t('Restore as'), [
    {
      label: 'VHDX',
      description: t('dynamic, without a parent; attach it in Hyper-V'),
      value: 'vhdx',
    },
    {
      label: 'VHD',
      description: t('dynamic, up to 2040 GiB; for VMs of generation 1 and older programs'),
      value: 'vhd',
    },
    {
      label: t('Raw'),
      description: t('every byte of the disk, as dd would write it'),
      value: 'raw',
    },
  ]);
  if (format === undefined) return;
  const to = await askFolder({
    title: t('Restore to'),
    prompt: t('Folder for the restored disks; made when new'),
    placeHolder: process.platform === 'win32' ? 'D:\\Restored' : '/srv/restored',
    openLabel: t('Restore Here'),
  });
  if (to === undefined) return;
  const force = await askForce(to, disks, format);
  if (force === undefined) return;
  const all = disks.length === point.disks.length;
  const spec = {
    kind: 'restore',
    store,
    vm: vm.id,
    point: point.id,
    disks: all ? [] : disks.map(({ number }) => String(number)),
    to,
    format,
    force,
  } as const;
  await runJobs(services, [{ title: vm.name === '' ? vm.id : vm.name, spec, target: null }]);
}

async function pickDisks(
  title: string,
  disks: readonly StoreDisk[],
  only: StoreDisk | undefined,
): Promise<readonly StoreDisk[] | undefined> {
  if (only !== undefined) return disks.filter(({ number }) => number === only.number);
  return chooseSeveral(
    title,
    disks.map((value) => ({
      label: value.name,
      description: [t('disk {0}', value.number), formatBytes(value.virtualSize)].join(', '),
      icon: 'database',
      value,
    })),
  );
}
