import type { GroupShow } from '../../engine/api/host.ts';
import { sortedVms } from '../words/group-words.ts';
import { withOwnIds, type GroupNode, type HostTreeNode } from '../nodes/nodes.ts';

/** Rows below a group: findings, members, shared disks, then the private ones. */
export function groupRows(node: GroupNode, group: GroupShow): HostTreeNode[] {
  const { id, host } = node;
  const disks = [
    ...group.disks.filter(isSharedDisk),
    ...sortedVms(group.members).flatMap(({ id: vm }) =>
      group.disks.filter((disk) => !isSharedDisk(disk) && disk.holders[0]?.id === vm),
    ),
  ];
  return withOwnIds<HostTreeNode>([
    ...group.findings.map(({ code, message, severity, slot = '' }): HostTreeNode => ({
      kind: 'message',
      id: `${id}/finding:${code}:${slot}`,
      parent: node,
      text: message,
      detail: `${message} (${code})`,
      severity,
      next: null,
    })),
    ...sortedVms(group.members).map((member): HostTreeNode => ({
      kind: 'groupMember',
      id: `${id}/member:${member.id}`,
      host,
      group,
      member,
    })),
    ...disks.map((disk): HostTreeNode => ({
      kind: 'groupDisk',
      id: `${id}/disk:${disk.number}`,
      host,
      group,
      disk,
    })),
  ]);
}

/** Whether several VMs may have a disk: a VHD Set always, a VHDX if it is attached as a shared one. */
export const isSharedDisk = ({ shared, format }: GroupShow['disks'][number]): boolean =>
  shared || format === 'vhds';
