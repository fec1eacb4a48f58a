import * as vscode from 'vscode';
import { requests } from '../../../engine/api/methods.ts';
import { pointName } from '../../words/point-name.ts';
import { canonicalUrl } from '../../settings/host-address.ts';
import { confirm, sayInfo, withNotification } from '../../ask/messages.ts';
import { showChangeMap } from '../../panels/change-map/change-map-panel.ts';
import type { CommandHandler } from '../../services/services.ts';
import { readStores } from '../../settings/stores.ts';
import { nodeOf } from '../../nodes/nodes.ts';
import { hostFileName, referencePointName, vmLabel } from '../../nodes/node-names.ts';
import { pickVm } from '../../hosts/pick-host.ts';
import { pickReferencePoint } from '../../hosts/pick-reference-point.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';
import { pickDiskNumber } from '../../ask/pick-disk.ts';

const { t } = vscode.l10n;

export const createReferencePoint: CommandHandler = async (services, node) => {
  const vm = await pickVm(services, node);
  if (vm === undefined) return;
  const target = await mustHaveTarget(services, vm.host);
  const title = t('Reference point of {0}', vmLabel(vm));
  try {
    const point = await withNotification(title, true, (report, token) =>
      services.engine.requestWithProgress(
        requests.createReferencePoint,
        { target, vm: vm.row.id, consistency: 'crash' },
        ({ phase }) => report(phase),
        token,
      ),
    );
    void sayInfo(t('{0}: reference point created. {1}', vmLabel(vm), point.id));
  } finally {
    await services.hosts.refreshVm(vm.host, vm.row.id);
  }
};

/** Names what is lost: changes since it can no longer be asked, and of a foreign one, that another product may need it. */
export const removeReferencePoint: CommandHandler = async (services, node) => {
  const found =
    nodeOf(node, 'referencePoint') ?? (await pickReferencePoint(services, nodeOf(node, 'vm')));
  if (found === undefined) return;
  const { host, vm, point } = found;
  const foreign = point.owner !== 'ours';
  const unknown = point.owner === 'unknown';
  const lines = [
    ...(foreign
      ? [
          unknown
            ? t(
                'A store cannot be read now, and its ledger may name this point: the next backup into that store would be a full one. Another product may need it, too.',
              )
            : t(
                'It is in no ledger of yours. Another product may need it for its next incremental backup.',
              ),
        ]
      : []),
    point.pointId === null
      ? t('Changes since it can no longer be asked.')
      : t('The next backup after {0} will be a full one.', pointName(point.pointId)),
    '',
    point.id,
  ];
  const question = unknown
    ? t('Remove a reference point of an unknown owner from {0}?', vm.name)
    : foreign
      ? t('Remove a reference point of another product from {0}?', vm.name)
      : t('Remove this reference point of {0}?', vm.name);
  if (!(await confirm(question, lines, t('Remove')))) return;
  const target = await mustHaveTarget(services, host);
  const params = { target, vm: vm.id, id: point.id, stores: readStores(), foreign };
  try {
    await withNotification(t('Removing a reference point of {0}', vm.name), true, (report, token) =>
      services.engine.requestWithProgress(
        requests.removeReferencePoint,
        params,
        ({ phase }) => report(phase),
        token,
      ),
    );
  } finally {
    await services.hosts.refreshVm(host, vm.id);
  }
};

/** Asks the host what changed on a disk since a reference point, and shows it as a map. */
export const queryChanges: CommandHandler = async (services, node) => {
  const found =
    nodeOf(node, 'referencePoint') ?? (await pickReferencePoint(services, nodeOf(node, 'vm')));
  if (found === undefined) return;
  const { host, vm, point } = found;
  const tracked = vm.disks.filter(({ virtualSize, shared }) => virtualSize !== null && !shared);
  if (tracked.length === 0) {
    void sayInfo(t('{0} has no disk whose changes are tracked.', vm.name));
    return;
  }
  const disk = await pickDiskNumber(
    tracked.map(({ number, path, virtualSize }) => ({
      number,
      label: hostFileName(path),
      size: virtualSize,
    })),
  );
  if (disk === undefined) return;
  const since = referencePointName(point) || point.id;
  await showChangeMap(services, {
    kind: 'query',
    host: canonicalUrl(host.url),
    vm: vm.id,
    // Kept with the view: the number may mean another disk when it is opened again.
    disk: tracked.find(({ number }) => number === disk)?.controller ?? disk,
    since: point.id,
    title: t('{0}, disk {1}, since {2}', vm.name, disk, since),
  });
};
