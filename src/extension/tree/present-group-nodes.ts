import * as vscode from 'vscode';
import { GROUP_ICON, groupSize, SHARED_DISK_ICON, vmNames } from '../words/group-words.ts';
import { formatBytes } from '../words/format.ts';
import { hostFileName, shortId, vmLabel } from '../nodes/node-names.ts';
import type { GroupDiskNode, GroupMemberNode, GroupNode } from '../nodes/nodes.ts';
import { isSharedDisk } from './group-rows.ts';
import type { Row } from './row.ts';
import { VM_STATES } from './vm-states.ts';

const { t } = vscode.l10n;

export function presentGroup({ id, row, twin }: GroupNode): Row {
  const size = groupSize(row.members.length);
  return {
    id,
    label: row.name === '' ? row.id : row.name,
    description: twin ? `${size} · ${shortId(row.id)}` : size,
    facts: [
      [t('VM group'), row.name],
      [t('Members'), vmNames(row.members)],
      [t('Id'), row.id],
      twin ? t('Another group of this host has the same name.') : '',
    ],
    icon: GROUP_ICON,
    context: ['group', 'id', 'json', 'command'],
    children: 'closed',
    spoken: t('VM group {0}, {1}', vmLabel({ row, twin }), vmNames(row.members)),
  };
}

export function presentMember({ id, member, group }: GroupMemberNode): Row {
  const { text, icon, color } = VM_STATES[member.state]();
  const name = member.name === '' ? member.id : member.name;
  return {
    id,
    label: name,
    description: text,
    facts: [
      [t('Member of'), group.name],
      [t('Name'), member.name],
      [t('State'), text],
      [t('Id'), member.id],
    ],
    icon,
    ...(color === undefined ? {} : { color }),
    context: ['groupMember', 'id', 'json'],
    children: 'none',
    spoken: t('Member {0}, {1}', name, text),
  };
}

export function presentGroupDisk({ id, disk }: GroupDiskNode): Row {
  const size = disk.virtualSize === null ? t('size unknown') : formatBytes(disk.virtualSize);
  const name = hostFileName(disk.path) || t('Disk {0}', disk.number);
  const shared = isSharedDisk(disk);
  const holders = vmNames(disk.holders);
  const whose = shared ? t('shared by {0}', holders) : holders;
  return {
    id,
    label: name,
    // The icon tells that it is shared; a narrow view shows the holders first.
    description: [holders, size].filter(Boolean).join(' · '),
    facts: [
      [t('Disk'), String(disk.number)],
      [t('Path on the host'), disk.path],
      [t('Format'), disk.format],
      [t('Size'), size],
      [shared ? t('Shared by') : t('Disk of'), holders],
      [t('Owner in the guests’ cluster'), vmNames(disk.owners)],
      [t('Snapshots'), disk.snapshots === null ? '' : String(disk.snapshots.length)],
      [t('Files of the set'), (disk.files ?? []).map(hostFileName).join(', ')],
      [t('Disk id'), disk.diskId ?? t('unknown')],
    ],
    icon: shared ? SHARED_DISK_ICON : 'database',
    ...(shared ? { color: 'charts.purple' } : {}),
    context: ['groupDisk', shared ? 'shared' : 'private', 'id', 'json'],
    children: 'none',
    spoken: shared
      ? t('Shared disk {0}, {1}, {2}', name, size, whose)
      : t('Disk {0}, {1}, {2}', name, size, whose),
  };
}
