import * as vscode from 'vscode';
import type { HostSetting } from '../../settings/hosts.ts';
import { currentHost, hostKey } from '../../settings/hosts.ts';
import type { Services } from '../../services/services.ts';
import type { SubjectNode } from '../../nodes/nodes.ts';
import type { Item } from '../../ask/choose.ts';
import { editExports } from '../hosts/host-edits.ts';
import { approveServer } from '../../hosts/files/approve-server.ts';
import { mapFolder } from '../../hosts/map-folder.ts';
import { vmNames } from '../../words/group-words.ts';
import { vmLabel } from '../../nodes/node-names.ts';
import { shortPath, type Block, type VmPlan } from './plan-vm.ts';

const { t } = vscode.l10n;

/** Mends what stands in the way of a backup; the plan is made again afterwards. */
export type Fix = (services: Services) => Promise<unknown>;

/** Maximum number of rows: a list of VMs of many hosts would push everything else out of sight. */
const MOST = 6;

/** Rows that make possible what is not, each once. */
export function fixRows(plans: readonly VmPlan[]): readonly Item<Fix>[] {
  const rows = new Map<string, Item<Fix>>();
  const several = new Set(plans.map(({ vm }) => vm.id)).size > 1;
  for (const { vm, block, unknownServers } of plans) {
    const of = (text: string): string => (several ? `${vmLabel(vm)} · ${text}` : text);
    const host = currentHost(vm.host);
    for (const server of unknownServers) {
      rows.set(`${hostKey(host)}|server|${server.toLowerCase()}`, serverRow(host, vm, server));
    }
    if (block === null) continue;
    for (const folder of block.folders) {
      rows.set(`${hostKey(host)}|${folder.toLowerCase()}`, mapRow(host, folder));
    }
    if (block.needsExportFolder) rows.set(`${hostKey(host)}|exports`, exportRow(host));
    if (block.slots.length > 0) rows.set(`${vm.id}|slots`, leaveOutRow(vm, block.slots, of));
    if (block.gone.length > 0) rows.set(`${vm.id}|gone`, withoutRow(vm, block.gone, of));
    if (block.lostDisk) {
      rows.set(`${vm.id}|lost`, {
        label: t('Take All Disks Again'),
        description: of(t('a disk that was left out is gone')),
        icon: 'wrench',
        value: ({ choices }) => {
          const { leftOut: _, ...rest } = choices.of(vm.row.id);
          return choices.set(vm.row.id, rest);
        },
      });
    }
  }
  return [...rows.values()].slice(0, MOST);
}

const mapRow = (host: HostSetting, folder: string): Item<Fix> => ({
  label: t('Map a Folder of the Host…'),
  description: shortPath(folder),
  icon: 'wrench',
  value: () => mapFolder(host, folder),
});

const serverRow = (host: HostSetting, vm: SubjectNode, server: string): Item<Fix> => ({
  label: t('Contact the File Server {0}…', server),
  description: t('it has disks of {0}', vmLabel(vm)),
  icon: 'wrench',
  value: () => approveServer(host, server, t('Disks of {0} lie there.', vmLabel(vm))),
});

const exportRow = (host: HostSetting): Item<Fix> => ({
  label: t('Set a Folder for Exports…'),
  description: t('the host writes copies of the disks there'),
  icon: 'wrench',
  value: (services) => editExports(services, host, t('Folder for Exports')),
});

/** The choice is for one backup: its point has no such member. */
const withoutRow = (
  vm: SubjectNode,
  gone: Block['gone'],
  of: (text: string) => string,
): Item<Fix> => ({
  label: t('Go On without {0}', vmNames(gone)),
  description: of(t('earlier points keep the disks until they expire')),
  icon: 'wrench',
  value: ({ choices }) =>
    choices.set(vm.row.id, {
      ...choices.of(vm.row.id),
      withoutMembers: gone.map(({ id }) => id),
    }),
});

const leaveOutRow = (
  vm: SubjectNode,
  slots: readonly string[],
  of: (text: string) => string,
): Item<Fix> => ({
  label: slots.length === 1 ? t('Leave This Disk Out') : t('Leave These Disks Out'),
  description: of(slots.join(', ')),
  icon: 'wrench',
  value: ({ choices }) => choices.setLeftOut(vm.row.id, slots, true),
});
