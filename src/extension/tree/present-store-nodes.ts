import * as vscode from 'vscode';
import { formatBytes, formatTime } from '../format.ts';
import { storeLabel } from '../stores.ts';
import { presentMessage } from './message-node.ts';
import type { PointDiskNode, PointNode, StoreNode, StoreTreeNode, StoreVmNode } from './nodes.ts';
import { shortId, vmLabel } from './present-host-nodes.ts';
import type { Row } from './row.ts';

const { t } = vscode.l10n;

export function presentStoreNode(node: StoreTreeNode): Row {
  switch (node.kind) {
    case 'store':
      return presentStore(node);
    case 'storeVm':
      return presentVm(node);
    case 'point':
      return node.point.state === 'complete' ? presentPoint(node) : presentUnfinished(node);
    case 'pointDisk':
      return presentDisk(node);
    case 'message':
      return presentMessage(node);
  }
}

function presentStore({ id, path }: StoreNode): Row {
  return {
    id,
    label: storeLabel(path),
    description: path,
    facts: [[t('Store'), path]],
    icon: 'archive',
    context: ['store', 'id', 'json', 'command'],
    children: 'closed',
    spoken: t('Store {0}', path),
  };
}

function presentVm({ id, vm, twin, store }: StoreVmNode): Row {
  const points = vm.points === 1 ? t('1 point') : t('{0} points', vm.points);
  return {
    id,
    label: vm.name === '' ? vm.id : vm.name,
    description: twin ? `${points} · ${shortId(vm.id)}` : points,
    facts: [
      [t('Name'), vm.name],
      [t('Host'), vm.host ?? t('unknown')],
      [t('Points'), String(vm.points)],
      [t('Last backup'), formatTime(vm.lastBackup)],
      [t('Store'), store],
      [t('Id'), vm.id],
      twin ? t('Another VM of this store has the same name.') : '',
    ],
    icon: 'vm',
    context: ['storeVm', 'id', 'json', 'command'],
    children: 'closed',
    spoken: `${vmLabel({ row: vm, twin })}, ${points}`,
  };
}

function presentUnfinished({ id, point, vm }: PointNode): Row {
  const damaged = point.state === 'damaged';
  const state = damaged ? t('damaged') : t('not finished');
  return {
    id,
    label: point.id,
    description: state,
    facts: [
      [t('Point'), point.id],
      [t('VM'), vm.name],
      [t('State'), state],
      damaged
        ? (point.problem ?? '')
        : t('A run was interrupted, or is under way. Clean Up removes what is left over.'),
    ],
    icon: damaged ? 'error' : 'circle-slash',
    ...(damaged ? { color: 'list.errorForeground' } : {}),
    context: ['point', damaged ? 'damaged' : 'partial', 'id', 'json'],
    children: 'none',
    spoken: `${t('Point {0}', point.id)}, ${state}`,
  };
}

function presentPoint({ id, point, vm }: PointNode): Row {
  const full = point.kind === 'full';
  const { short, long, bad } = verdictOf(point);
  const size = formatBytes(point.bytes);
  const created = formatTime(point.created);
  const kind = full ? t('full') : t('incremental');
  return {
    id,
    label: created,
    description: [kind, size, short].filter(Boolean).join(' · '),
    facts: [
      [t('Point'), point.id],
      [t('VM'), vm.name],
      [t('Kind'), kind],
      [t('Why'), point.reason?.text ?? ''],
      [t('Consistency'), point.consistency ?? ''],
      [t('Builds on'), point.parent ?? t('nothing')],
      [t('Stored'), size],
      [t('Disks'), String(point.disks.length)],
      [t('Verified'), long],
    ],
    icon: bad ? 'error' : full ? 'circle-large-filled' : 'circle-outline',
    ...(bad ? { color: 'list.errorForeground' } : {}),
    context: ['point', 'complete', 'id', 'json', 'command'],
    children: 'closed',
    spoken: [full ? t('Full point') : t('Incremental point'), created, size, short]
      .filter(Boolean)
      .join(', '),
  };
}

function verdictOf({ verified }: PointNode['point']): {
  readonly short: string;
  readonly long: string;
  readonly bad: boolean;
} {
  if (verified === null) return { short: '', long: t('never'), bad: false };
  const when = formatTime(verified.time);
  if (!verified.ok) return { short: t('DAMAGED'), long: t('damage found {0}', when), bad: true };
  const long = verified.quick ? t('quickly, {0}', when) : t('every hash, {0}', when);
  return { short: verified.quick ? t('verified quickly') : t('verified'), long, bad: false };
}

function presentDisk({ id, disk, point }: PointDiskNode): Row {
  const kind = disk.kind === 'full' ? t('full') : t('incremental');
  const size = formatBytes(disk.fileSize);
  return {
    id,
    label: disk.name,
    description: [kind, size, t('of {0}', formatBytes(disk.virtualSize))].join(' · '),
    facts: [
      [t('File'), disk.path],
      [t('Point'), point.id],
      [t('Disk'), String(disk.number)],
      [t('Slot'), disk.slot],
      [t('Kind'), kind],
      [t('Stored'), size],
      [t('Virtual size'), formatBytes(disk.virtualSize)],
    ],
    icon: 'database',
    context: ['pointDisk', 'id', 'json', 'command'],
    children: 'none',
    spoken: t('Disk {0}, {1}, {2}', disk.name, kind, size),
  };
}
