import * as vscode from 'vscode';
import { confirm, sayWarning } from '../../ask/messages.ts';
import { pickVm } from '../../hosts/pick-host.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';
import { runJobs } from '../../jobs/run-jobs.ts';
import { vmLabel } from '../../nodes/node-names.ts';
import type { VmNode } from '../../nodes/nodes.ts';
import type { Services } from '../../services/services.ts';
import { currentHost, hostLabel, pathMapOf } from '../../settings/hosts.ts';
import type { PointOfStore } from '../../stores/pick-store.ts';
import { formatBytes } from '../../words/format.ts';
import { pointName } from '../../words/point-name.ts';

const { t } = vscode.l10n;

/** Restores the disks of a point over those of a VM that is off, after a question that names both. */
export async function restoreOver(
  services: Services,
  { store, vm: stored, point }: PointOfStore,
): Promise<void> {
  const vm = await vmOfPoint(services, stored.id);
  if (vm === undefined) return;
  const name = vmLabel(vm);
  if (vm.row.state !== 'off') {
    void sayWarning(t('{0} is not off: shut it down before its disks are restored over.', name));
    return;
  }
  const target = await mustHaveTarget(services, vm.host);
  const lines = [
    t('Host: {0}', hostLabel(vm.host)),
    t('VM: {0} ({1})', name, vm.row.id),
    t('Point: {0}', pointName(point)),
    ...point.disks.map((disk) => `${disk.name} (${formatBytes(disk.virtualSize)})`),
    t(
      'The VM loses what it wrote after this point. The old files stay, so that the restore can be undone.',
    ),
  ];
  if (!(await confirm(t('Restore over the disks of {0}?', name), lines, t('Restore Over')))) return;
  const { id } = vm.row;
  const host = currentHost(vm.host);
  const spec = {
    kind: 'over',
    action: 'restore',
    host: host.url,
    store,
    vm: stored.id,
    point: point.id,
    disks: [],
    over: id,
    confirm: id,
    pathMap: pathMapOf(host),
  } as const;
  await runJobs(services, [{ title: name, spec, target }]);
}

/** The VM that was backed up, if a connected host lists it; else one that is asked for. */
async function vmOfPoint(services: Services, id: string): Promise<VmNode | undefined> {
  const { hosts } = services;
  const own = hosts.hosts.flatMap(({ host }) => hosts.vm(host, id) ?? []);
  return own.length === 1 ? own[0] : pickVm(services, undefined, { always: true });
}
