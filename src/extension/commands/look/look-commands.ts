import * as vscode from 'vscode';
import { ANATOMY_EDITOR } from '../../contributions/view-types.ts';
import { askForImages, onlyFiles } from '../../ask/ask-image.ts';
import { sayInfo } from '../../ask/messages.ts';
import { pointName } from '../../words/point-name.ts';
import { showChangeMap } from '../../panels/change-map/change-map-panel.ts';
import type { CommandHandler } from '../../services/services.ts';
import { nodeOf } from '../../nodes/nodes.ts';
import { jobTitle } from '../../jobs/job-text.ts';
import { choose } from '../../ask/choose.ts';
import { pickPointDisk } from '../../ask/pick-disk.ts';
import { pickPointOfJob } from '../../stores/point-of-job.ts';
import { completePoints, pickPoint, pointItem } from '../../stores/pick-store.ts';

const { t } = vscode.l10n;

/** The map of a point's disk: what it wrote, over what its chain holds. A whole chain where the person wants its history. */
export const openChangeMap: CommandHandler = async (services, node) => {
  const of = nodeOf(node, 'pointDisk');
  const chosen = await pickPoint(services, node, t('Change map of which point'));
  if (chosen === undefined) return;
  const { store, vm, point } = chosen;
  const disk = of?.disk.number ?? (await pickPointDisk(point));
  if (disk === undefined) return;
  // A chain of one point has no history.
  const kind = point.parent === null ? 'point' : 'chain';
  await showChangeMap(services, { kind, store, vm: vm.id, point: point.id, disk });
};

/** Opens a map of what was written between two points of one chain, or what differs between two other points of a disk. */
export const compareWith: CommandHandler = async (services, node) => {
  const chosen = await pickPoint(services, node, t('Compare which point'));
  if (chosen === undefined) return;
  const { store, vm, point } = chosen;
  const others = (await completePoints(services, chosen)).filter(({ id }) => id !== point.id);
  if (others.length === 0) {
    void sayInfo(t('The VM has no other complete point.'));
    return;
  }
  const other = await choose(t('With which point'), others.map(pointItem));
  if (other === undefined) return;
  // Ids sort as points were made: the later one is shown.
  const [from, later] = other.id < point.id ? [other, point] : [point, other];
  const of = nodeOf(node, 'pointDisk');
  const number = of?.disk.number ?? (await pickPointDisk(point));
  if (number === undefined) return;
  const slot = point.disks.find((disk) => disk.number === number)?.slot;
  await showChangeMap(services, {
    kind: 'between',
    store,
    vm: vm.id,
    point: later.id,
    // Another point may give the disk another number.
    disk: later === point ? number : (slot ?? number),
    from: from.id,
  });
};

/** A disk image in the anatomy editor: a point's, or any file. */
export const openDisk: CommandHandler = async (_services, node, _selected, given) => {
  const of = nodeOf(node, 'pointDisk');
  const [file] =
    of !== undefined
      ? [vscode.Uri.file(of.disk.path)]
      : given instanceof vscode.Uri
        ? onlyFiles([given])
        : await askForImages(t('Open Disk'));
  if (file !== undefined) {
    await vscode.commands.executeCommand('vscode.openWith', file, ANATOMY_EDITOR);
  }
};

/** Ranges from a file of `refpoint changes --csv`. */
export const openRanges: CommandHandler = async (services, _node, _selected, given) => {
  const title = t('Open Ranges');
  const [file] = onlyFiles(
    given instanceof vscode.Uri
      ? [given]
      : ((await vscode.window.showOpenDialog({ title, filters: { CSV: ['csv'] } })) ?? []),
  );
  if (file === undefined) return;
  await showChangeMap(services, { kind: 'csv', path: file.fsPath, virtualSize: null });
};

export const showReport: CommandHandler = async (services, node) => {
  const { pages } = services;
  const job = nodeOf(node, 'job')?.job;
  if (job?.spec.kind === 'backup' && typeof job.result?.point === 'string') {
    const { store } = job.spec;
    const { vm, name, point = job.result.point } = await pickPointOfJob(job);
    await pages.show({ kind: 'report', store, vm, point }, `${name} ${pointName(point)}`);
    return;
  }
  const chosen = await pickPoint(services, node, t('Report of which point'));
  if (chosen === undefined) return;
  const { store, vm, point } = chosen;
  await pages.show(
    { kind: 'report', store, vm: vm.id, point: point.id },
    `${vm.name} ${pointName(point)}`,
  );
};

/** A job's own log where it is asked for, else the output. */
export const showLog: CommandHandler = async ({ output, pages, trees }, node) => {
  const given = nodeOf(node, 'job');
  const job = given === undefined ? undefined : trees.jobs.current(given).job;
  if (job === undefined || job.log === null) output.engine.show();
  else await pages.show({ kind: 'log', job: job.id }, `${jobTitle(job)} ${job.id.slice(0, 8)}.log`);
};

export const showEnvironment: CommandHandler = async ({ pages }) => {
  await pages.show({ kind: 'environment' }, `${t('Environment')}.json`);
};

export const refresh: CommandHandler = async ({ trees, hosts, groups, jobs }) => {
  trees.stores.refresh();
  await Promise.all([hosts.refreshAll(), groups.refreshAll(), jobs.look()]);
};
