import * as vscode from 'vscode';
import { ANATOMY_EDITOR } from '../contributions/view-types.ts';
import { showChangeMap } from '../panels/change-map-panel.ts';
import { reportUri } from '../report/report-uri.ts';
import { requests } from '../../engine/api/methods.ts';
import type { CommandHandler, Services } from '../services.ts';
import { nodeOf } from '../tree/nodes.ts';
import { completePoints, pickDiskNumber, pickPoint, pointItem } from './pick.ts';

const { t } = vscode.l10n;

/** The map of a point's disk: what it wrote, over what its chain holds. A whole chain where the person wants its history. */
export const openChangeMap: CommandHandler = async (services, node) => {
  const of = nodeOf(node, 'pointDisk');
  const chosen = await pickPoint(services, node, t('Change map of which point'));
  if (chosen === undefined) return;
  const { store, vm, point } = chosen;
  const disk = of?.disk.number ?? (await pickDiskNumber(disksOf(point)));
  if (disk === undefined) return;
  // A chain of one point has no history.
  const kind = point.parent === null ? 'point' : 'chain';
  await showChangeMap(services, { kind, store, vm: vm.id, point: point.id, disk });
};

/** What was written between this point and an older one of its chain. */
export const compareWith: CommandHandler = async (services, node) => {
  const chosen = await pickPoint(services, node, t('The later point'));
  if (chosen === undefined) return;
  const { store, vm, point } = chosen;
  const points = await completePoints(services, chosen);
  const older = ancestors(points, point.parent);
  if (older.length === 0) {
    void vscode.window.showInformationMessage(
      t('This point is a full one: it builds on no other.'),
    );
    return;
  }
  const from = await vscode.window.showQuickPick(older.map(pointItem), {
    title: t('The earlier point'),
  });
  if (from === undefined) return;
  const disk = await pickDiskNumber(disksOf(point));
  if (disk === undefined) return;
  await showChangeMap(services, {
    kind: 'between',
    store,
    vm: vm.id,
    point: point.id,
    disk,
    from: from.value.id,
  });
};

type Points = Awaited<ReturnType<typeof completePoints>>;

function ancestors(points: Points, parent: string | null): Points {
  const out: Points[number][] = [];
  for (let next = parent; next !== null;) {
    const found = points.find(({ id }) => id === next);
    if (found === undefined || out.includes(found)) break;
    out.push(found);
    next = found.parent;
  }
  return out;
}

function disksOf({ disks }: Points[number]): Parameters<typeof pickDiskNumber>[0] {
  return disks.map(({ number, name, virtualSize }) => ({ number, label: name, size: virtualSize }));
}

/** A disk image in the anatomy editor: a point's, or any file. */
export const openDisk: CommandHandler = async (_services, node, _selected, given) => {
  const of = nodeOf(node, 'pointDisk');
  const file =
    of !== undefined
      ? vscode.Uri.file(of.disk.path)
      : given instanceof vscode.Uri
        ? given
        : await chooseFile(t('Open Disk'), {
            [t('Disk images')]: ['vhdx', 'avhdx', 'vhd', 'avhd', 'vhds'],
            [t('All files')]: ['*'],
          });
  if (file !== undefined)
    await vscode.commands.executeCommand('vscode.openWith', file, ANATOMY_EDITOR);
};

/** Ranges from a file of `refpoint changes --csv`. */
export const openRanges: CommandHandler = async (services, _node, _selected, given) => {
  const file =
    given instanceof vscode.Uri ? given : await chooseFile(t('Open Ranges'), { CSV: ['csv'] });
  if (file === undefined) return;
  await showChangeMap(services, { kind: 'csv', path: file.fsPath, virtualSize: null });
};

async function chooseFile(
  title: string,
  filters: Readonly<Record<string, string[]>>,
): Promise<vscode.Uri | undefined> {
  const [file] = (await vscode.window.showOpenDialog({ title, filters })) ?? [];
  return file;
}

export const showReport: CommandHandler = async (services, node) => {
  const job = nodeOf(node, 'job')?.job;
  const chosen =
    job?.spec.kind === 'backup' && typeof job.result?.point === 'string'
      ? {
          store: job.spec.store,
          vm: { id: job.spec.vm, name: job.title },
          point: { id: job.result.point },
        }
      : await pickPoint(services, node, t('Report of which point'));
  if (chosen === undefined) return;
  const uri = reportUri(chosen.store, chosen.vm.id, chosen.point.id, chosen.vm.name);
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, { preview: true });
};

/** A job's own log where it is asked for, else the output. */
export const showLog: CommandHandler = async (services, node) => {
  const log = nodeOf(node, 'job')?.job.log;
  if (log === undefined || log === null) {
    services.output.engine.show();
    return;
  }
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(log));
  await vscode.window.showTextDocument(document, { preview: true });
};

export const showEnvironment: CommandHandler = async ({ engine, context }: Services) => {
  const found = await engine.request(requests.environment, {});
  const facts = {
    refpoint: found.version,
    extension: context.extension.packageJSON as { readonly version?: string },
    vscode: vscode.version,
    remote: vscode.env.remoteName ?? null,
    engine: { node: found.node, platform: found.platform, arch: found.arch, pid: found.pid },
    koffi: found.koffi,
    folder: found.home,
  };
  const content = `${JSON.stringify({ ...facts, extension: facts.extension.version ?? '' }, undefined, 2)}\n`;
  const document = await vscode.workspace.openTextDocument({ language: 'json', content });
  await vscode.window.showTextDocument(document, { preview: true });
};

export const refresh: CommandHandler = async (services) => {
  services.trees.stores.refresh();
  await Promise.all([services.hosts.refresh(), services.jobs.look()]);
};
