import * as vscode from 'vscode';
import { requests } from '../../engine/api/methods.ts';
import { canonicalUrl } from '../hosts.ts';
import { showChangeMap } from '../panels/change-map-panel.ts';
import type { CommandHandler, Services } from '../services.ts';
import { readStores } from '../stores.ts';
import type { ReferencePointNode, VmNode } from '../tree/nodes.ts';
import { nodeOf } from '../tree/nodes.ts';
import { mustHaveTarget } from './backup-commands.ts';
import { pickDiskNumber, pickVm } from './pick.ts';

const { t } = vscode.l10n;

export const createReferencePoint: CommandHandler = async (services, node) => {
  const vm = await pickVm(services, node);
  if (vm === undefined) return;
  const target = await mustHaveTarget(services, vm.host);
  const title = t('Reference point of {0}', vm.row.name);
  const location = vscode.ProgressLocation.Notification;
  const point = await vscode.window.withProgress(
    { location, title, cancellable: true },
    (progress, token) =>
      services.engine.requestWithProgress(
        requests.createReferencePoint,
        { target, vm: vm.row.id, consistency: 'crash' },
        ({ phase }) => progress.report({ message: phase }),
        token,
      ),
  );
  void vscode.window.showInformationMessage(
    t('{0}: reference point created. {1}', vm.row.name, point.id),
  );
  await services.hosts.refreshVm(vm);
};

/** Names what is lost: changes since it can no longer be asked, and of a foreign one, that another product may need it. */
export const removeReferencePoint: CommandHandler = async (services, node) => {
  const found = nodeOf(node, 'referencePoint') ?? (await pickReferencePoint(services));
  if (found === undefined) return;
  const { host, vm, point } = found;
  const foreign = point.owner === 'foreign';
  const remove = t('Remove');
  const lost =
    point.pointId === null
      ? t('Changes since it can no longer be asked.')
      : t('The next backup after {0} will be a full one.', point.pointId);
  const detail = foreign
    ? t(
        'It is in no ledger of yours. Another product may need it for its next incremental backup. {0}',
        lost,
      )
    : lost;
  const chosen = await vscode.window.showWarningMessage(
    foreign
      ? t('Remove a reference point of another product from {0}?', vm.name)
      : t('Remove this reference point of {0}?', vm.name),
    { modal: true, detail: `${detail}\n\n${point.id}` },
    remove,
  );
  if (chosen !== remove) return;
  const target = await mustHaveTarget(services, host);
  const params = { target, vm: vm.id, id: point.id, stores: readStores(), foreign };
  await services.engine.requestWithProgress(requests.removeReferencePoint, params, () => undefined);
  const row = services.hosts.vm(host, vm.id);
  if (row !== undefined) await services.hosts.refreshVm(row);
};

async function pickReferencePoint(
  services: Services,
  given?: VmNode,
): Promise<Pick<ReferencePointNode, 'host' | 'vm' | 'point'> | undefined> {
  const node = given ?? (await pickVm(services, undefined));
  if (node === undefined) return undefined;
  const vm = await services.hosts.details(node);
  if (vm.referencePoints.length === 0) {
    const create = t('Create Reference Point');
    const chosen = await vscode.window.showInformationMessage(
      t('{0} has no reference point.', vm.name),
      create,
    );
    if (chosen === create)
      await vscode.commands.executeCommand('refpoint.createReferencePoint', node);
    return undefined;
  }
  const items = vm.referencePoints.toReversed().map((point) => ({
    label: point.pointId ?? point.created ?? t('Reference point'),
    description: point.owner === 'ours' ? t('ours') : t('of another product'),
    detail: point.id,
    point,
  }));
  const title = t('Reference point of {0}', vm.name);
  const chosen =
    items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title });
  return chosen === undefined ? undefined : { host: node.host, vm, point: chosen.point };
}

/** Asks the host what changed on a disk since a reference point, and shows it as a map. */
export const queryChanges: CommandHandler = async (services, node) => {
  const found =
    nodeOf(node, 'referencePoint') ?? (await pickReferencePoint(services, nodeOf(node, 'vm')));
  if (found === undefined) return;
  const { host, vm, point } = found;
  const tracked = vm.disks.filter(({ virtualSize }) => virtualSize !== null);
  const disk = await pickDiskNumber(
    tracked.map(({ number, path, virtualSize }) => ({
      number,
      label: path.split('\\').at(-1) ?? path,
      size: virtualSize,
    })),
  );
  if (disk === undefined) return;
  const since = point.pointId ?? point.created ?? point.id;
  await showChangeMap(services, {
    kind: 'query',
    host: canonicalUrl(host.url),
    vm: vm.id,
    disk,
    since: point.id,
    title: t('{0}, disk {1}, since {2}', vm.name, disk, since),
  });
};
