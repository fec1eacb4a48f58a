import * as vscode from 'vscode';
import { formatBytes, formatTime } from '../format.ts';
import { canonicalUrl, hostLabel } from '../hosts.ts';
import type {
  CheckpointNode,
  HostNode,
  HostTreeNode,
  MessageNode,
  ReferencePointNode,
  VmDiskNode,
  VmNode,
} from './nodes.ts';
import type { Row } from './row.ts';

const { t } = vscode.l10n;

export function presentHostNode(node: HostTreeNode): Row {
  switch (node.kind) {
    case 'host':
      return presentHost(node);
    case 'vm':
      return presentVm(node);
    case 'vmDisk':
      return presentDisk(node);
    case 'checkpoint':
      return presentCheckpoint(node);
    case 'referencePoint':
      return presentReferencePoint(node);
    case 'message':
      return presentMessage(node);
  }
}

function presentHost({ id, host, state, lab, vms, problem }: HostNode): Row {
  const words = { disconnected: t('not connected'), connected: vmCount(vms), failed: t('failed') };
  const kind = lab ? t('lab host') : t('Hyper-V host');
  return {
    id,
    label: hostLabel(host),
    description: lab ? `${t('lab')} · ${words[state]}` : words[state],
    facts: [
      [kind, canonicalUrl(host.url)],
      [t('User'), host.user ?? ''],
      [t('State'), words[state]],
      ...(problem === null ? [] : [problem]),
    ],
    icon: lab ? 'beaker' : state === 'failed' ? 'warning' : 'server-environment',
    ...(state === 'failed' ? { color: 'list.warningForeground' } : {}),
    context: [
      'host',
      state === 'connected' ? 'connected' : 'disconnected',
      ...(lab ? ['lab'] : []),
      'id',
      'json',
      'command',
    ],
    children: state === 'connected' ? 'open' : 'closed',
    spoken: `${kind} ${hostLabel(host)}, ${words[state]}`,
  };
}

const vmCount = (count: number): string => (count === 1 ? t('1 VM') : t('{0} VMs', count));

const VM_STATES: Readonly<
  Record<VmNode['row']['state'], () => { text: string; icon: string; color?: string }>
> = {
  running: () => ({ text: t('running'), icon: 'vm-running', color: 'charts.green' }),
  off: () => ({ text: t('off'), icon: 'vm' }),
  saved: () => ({ text: t('saved'), icon: 'vm-outline' }),
  paused: () => ({ text: t('paused'), icon: 'debug-pause' }),
  other: () => ({ text: t('in another state'), icon: 'vm' }),
};

function presentVm({ id, row, lab }: VmNode): Row {
  const { text, icon, color } = VM_STATES[row.state]();
  const doing = row.operation === null ? text : `${text}, ${row.operation}`;
  return {
    id,
    label: row.name,
    description: doing,
    facts: [
      [t('State'), doing],
      [t('Generation'), row.generation === null ? t('unknown') : String(row.generation)],
      [t('Configuration version'), row.version],
      [t('Disks'), String(row.disks)],
      [t('Checkpoints'), String(row.checkpoints)],
      [t('Reference points'), String(row.referencePoints)],
      [t('Id'), row.id],
    ],
    icon,
    ...(color === undefined ? {} : { color }),
    context: ['vm', ...(lab ? ['lab'] : []), 'id', 'json', 'command'],
    children: 'closed',
    spoken: t('Virtual machine {0}, {1}', row.name, doing),
  };
}

function presentDisk({ id, disk }: VmDiskNode): Row {
  const size = disk.virtualSize === null ? t('size unknown') : formatBytes(disk.virtualSize);
  const name = disk.path.split('\\').at(-1) ?? disk.path;
  const shared = disk.shared ? [t('shared: not backed up')] : [];
  return {
    id,
    label: name,
    description: [size, disk.controller, ...shared].join(' · '),
    facts: [
      [t('Disk'), String(disk.number)],
      [t('Path on the host'), disk.path],
      [t('Format'), disk.format],
      [t('Size'), size],
      [t('Disk id'), disk.diskId ?? t('unknown')],
      [
        t('Change tracking'),
        disk.rct.enabled ? t('since the newest reference point') : t('no reference point'),
      ],
    ],
    icon: 'database',
    context: ['vmDisk', 'id', 'json'],
    children: 'none',
    spoken: t('Disk {0}, {1}, {2}', disk.number, name, size),
  };
}

function presentCheckpoint({ id, checkpoint }: CheckpointNode): Row {
  const backup = checkpoint.type === 'backup';
  const type = backup ? t('backup checkpoint') : t('user checkpoint');
  return {
    id,
    label: checkpoint.name,
    description: [type, formatTime(checkpoint.created)].filter(Boolean).join(' · '),
    facts: [
      [t('Type'), type],
      [t('Created'), formatTime(checkpoint.created)],
      [t('Id'), checkpoint.id],
    ],
    icon: 'device-camera',
    context: ['checkpoint', 'id', 'json'],
    children: 'none',
  };
}

function presentReferencePoint({ id, point }: ReferencePointNode): Row {
  const ours = point.owner === 'ours';
  const made = point.pointId ?? formatTime(point.created);
  const owner = ours ? t('ours') : t('of another product');
  return {
    id,
    label: ours ? (made === '' ? t('Reference point') : made) : t('Reference point'),
    description: [owner, point.consistency].join(' · '),
    facts: [
      [
        t('Owner'),
        ours ? t('In a ledger of ours') : t('In no ledger of ours: another product may need it'),
      ],
      [t('Consistency'), point.consistency],
      [t('Created'), point.created === null ? t('unknown') : formatTime(point.created)],
      [t('Backup point'), point.pointId ?? t('none')],
      [t('Id'), point.id],
    ],
    icon: ours ? 'bookmark' : 'lock-small',
    ...(ours ? { color: 'charts.blue' } : {}),
    context: ['referencePoint', point.owner, 'id', 'json'],
    children: 'none',
    spoken: t('Reference point {0}, {1}', made, owner),
  };
}

export function presentMessage({ id, text, severity }: MessageNode): Row {
  return {
    id,
    label: text,
    facts: [text],
    icon: severity,
    ...(severity === 'info' ? {} : { color: `list.${severity}Foreground` }),
    context: ['message'],
    children: 'none',
  };
}
