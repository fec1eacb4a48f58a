import * as vscode from 'vscode';
import { chooseSeveral } from '../../ask/choose.ts';
import { vmLabel } from '../../nodes/node-names.ts';
import type { VmNode } from '../../nodes/nodes.ts';
import type { Services } from '../../services/services.ts';
import { hostLabel, type HostSetting } from '../../settings/hosts.ts';
import { VM_STATES } from '../../tree/vm-states.ts';
import type { SetDraft } from './set-draft.ts';

const { t } = vscode.l10n;

/**
 * Asks which VMs of a host are backed up together; all of them are taken at first, or those that were chosen before. Returns undefined if
 * it is cancelled.
 */
export function askVms(
  { hosts }: Services,
  host: HostSetting,
  before?: readonly VmNode[],
): Promise<readonly VmNode[] | undefined> {
  const chosen = before && new Set(before.map(({ id }) => id));
  const all = hosts.vms(hosts.hostOf(host)?.id ?? '');
  return chooseSeveral(
    t('VMs of {0} to back up at one instant', hostLabel(host)),
    all.map((value) => ({
      label: vmLabel(value),
      description: VM_STATES[value.row.state]().text,
      icon: 'vm',
      value,
      picked: chosen === undefined || chosen.has(value.id),
    })),
    { always: true },
  );
}

/** Asks for the VMs again. */
export async function changeVms(
  services: Services,
  draft: SetDraft,
): Promise<SetDraft | undefined> {
  const vms = await askVms(services, draft.host, draft.vms);
  return vms === undefined ? undefined : { ...draft, vms };
}
