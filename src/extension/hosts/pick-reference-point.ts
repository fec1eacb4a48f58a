import * as vscode from 'vscode';
import { sayInfo } from '../ask/messages.ts';
import type { HostServices } from './host-services.ts';
import type { ReferencePointNode, VmNode } from '../nodes/nodes.ts';
import { ownerIcon, ownerText, referencePointName, vmLabel } from '../nodes/node-names.ts';
import { choose } from '../ask/choose.ts';
import { pickVm } from './pick-host.ts';

const { t } = vscode.l10n;

export type PointOfVm = Pick<ReferencePointNode, 'host' | 'vm' | 'point'>;

/** A reference point of the VM given, or of one that is asked for; the newest first. */
export async function pickReferencePoint(
  services: HostServices,
  given?: VmNode,
): Promise<PointOfVm | undefined> {
  const node = await pickVm(services, given);
  if (node === undefined) return undefined;
  const vm = await services.hosts.details(node);
  if (vm.referencePoints.length === 0) {
    void offerPoint(node);
    return undefined;
  }
  const point = await choose(
    t('Reference point of {0}', vmLabel(node)),
    vm.referencePoints.toReversed().map((value) => ({
      label: referencePointName(value) || t('Reference point'),
      description: ownerText(value),
      detail: value.id,
      icon: ownerIcon(value),
      value,
    })),
  );
  return point === undefined ? undefined : { host: node.host, vm, point };
}

async function offerPoint(vm: VmNode): Promise<void> {
  const create = t('Create Reference Point');
  const chosen = await sayInfo(t('{0} has no reference point.', vmLabel(vm)), create);
  if (chosen === create) await vscode.commands.executeCommand('refpoint.createReferencePoint', vm);
}
