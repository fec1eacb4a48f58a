import * as vscode from 'vscode';
import { choose, type Item } from '../../ask/choose.ts';
import { nodeOf } from '../../nodes/nodes.ts';
import type { CommandHandler } from '../../services/services.ts';
import { pickPoint, type PointOfStore } from '../../stores/pick-store.ts';
import { pointName } from '../../words/point-name.ts';
import { restoreOver } from './restore-over.ts';
import { restoreFiles } from './restore-files.ts';
import { changeRestore, restoreAsVm } from './restore-as-vm.ts';

/** Commands that restore a point: begin with this file. */

const { t } = vscode.l10n;

type Way = 'files' | 'vm' | 'over';

/** A point, and what its restore makes. A restore as a VM that failed is planned again with its choices. */
export const restore: CommandHandler = async (services, node) => {
  const job = nodeOf(node, 'job')?.job;
  const chosen = await pickPoint(services, node, t('Restore which point'));
  if (chosen === undefined) return;
  if (job?.spec.kind === 'import') {
    if ((await changeRestore(services, chosen, job, job.spec)) !== 'files') return;
    await restoreFiles(services, chosen, undefined);
    return;
  }
  // A disk of a point is one file, not a VM.
  const way = nodeOf(node, 'pointDisk') === undefined ? await pickWay(chosen) : 'files';
  if (way === undefined) return;
  if (way === 'over') {
    await restoreOver(services, chosen);
    return;
  }
  const next = way === 'vm' ? await restoreAsVm(services, chosen) : way;
  if (next === 'files') await restoreFiles(services, chosen, node);
};

/** Asks what the restore makes; a point that has disks only makes files. */
function pickWay({ vm, point }: PointOfStore): Promise<Way | undefined> {
  const files: Item<Way> = {
    label: t('Files'),
    description: t('one image for each disk, in a folder of this machine'),
    icon: 'file',
    value: 'files',
  };
  const asVm: Item<Way> = {
    label: t('New VM'),
    description: t('on a host, beside the VM that was backed up'),
    icon: 'vm',
    value: 'vm',
  };
  const name = vm.name === '' ? vm.id : vm.name;
  const over: Item<Way> = {
    label: t('Over the Old VM'),
    description: t('its disks only; it must be off, and the restore can be undone'),
    icon: 'replace-all',
    value: 'over',
  };
  const ways = point.restores === 'disks' ? [files] : [files, asVm, over];
  return choose(t('Restore {0}, {1}', name, pointName(point)), ways, {
    placeHolder: t('What to make of the point'),
  });
}
