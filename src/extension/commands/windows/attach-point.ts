import * as vscode from 'vscode';
import { pickPointDisk } from '../../ask/pick-disk.ts';
import { choose } from '../../ask/choose.ts';
import { runJobs } from '../../jobs/run-jobs.ts';
import { nodeOf } from '../../nodes/nodes.ts';
import type { CommandHandler } from '../../services/services.ts';
import { pickPoint } from '../../stores/pick-store.ts';
import { isOnWindows } from './is-on-windows.ts';

const { t } = vscode.l10n;

/** Attaches a disk of a point to Windows, read-only, as a job: cancelling the job detaches it. */
export const attachPoint: CommandHandler = async (services, node) => {
  if (!isOnWindows(t('Attaching a point'))) return;
  const chosen = await pickPoint(services, node, t('Attach which point'));
  if (chosen === undefined) return;
  const { store, vm, point } = chosen;
  const disk = nodeOf(node, 'pointDisk')?.disk.number ?? (await pickPointDisk(point));
  if (disk === undefined) return;
  const letter = await choose<boolean>(t('Attach the disk how'), [
    {
      label: t('As a Disk Only'),
      description: t('without drive letters: Windows mounts no volume'),
      value: false,
    },
    {
      label: t('With Drive Letters'),
      description: t('Windows mounts the volumes, read-only'),
      value: true,
    },
  ]);
  if (letter === undefined) return;
  const spec = {
    kind: 'attach',
    store,
    vm: vm.id,
    point: point.id,
    disk: String(disk),
    letter,
  } as const;
  await runJobs(services, [{ title: vm.name === '' ? vm.id : vm.name, spec, target: null }]);
};
