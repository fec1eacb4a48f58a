import * as vscode from 'vscode';
import type { OpenOver } from '../../engine/api/store.ts';
import { formatAgo, formatBytes, formatSecond, formatTime } from '../words/format.ts';
import { pointName, pointTime, withPointNames } from '../words/point-name.ts';
import type { PointBadge } from './point-badges.ts';
import { storeLabel } from '../settings/stores.ts';
import { presentMessage } from './message-node.ts';
import type {
  PointDiskNode,
  PointNode,
  StoreNode,
  StoreTreeNode,
  StoreVmNode,
} from '../nodes/nodes.ts';
import { shortId, vmLabel } from '../nodes/node-names.ts';
import { GROUP_ICON, groupSize, SHARED_DISK_ICON, vmNames } from '../words/group-words.ts';
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
  const { ledgerProblem, over } = vm;
  const damaged = ledgerProblem === undefined ? '' : t('ledger damaged');
  const { members } = vm;
  const group = members === undefined ? '' : groupSize(members.length);
  const whole = members === undefined ? 'vm' : GROUP_ICON;
  return {
    id,
    label: vm.name === '' ? vm.id : vm.name,
    description: [
      points,
      group,
      twin ? shortId(vm.id) : '',
      damaged,
      over === undefined ? '' : t('restore not accepted'),
    ]
      .filter(Boolean)
      .join(' · '),
    facts: [
      [members === undefined ? t('Name') : t('VM group'), vm.name],
      [t('Members'), vmNames(members ?? [])],
      [t('Host'), vm.host ?? t('unknown')],
      [t('Points'), String(vm.points)],
      [t('Last backup'), formatSecond(vm.lastBackup)],
      [t('Store'), store],
      [t('Id'), vm.id],
      twin ? t('Another VM or group of this store has the same name.') : '',
      over === undefined ? '' : overFact(over),
      ledgerProblem ?? '',
    ],
    icon: ledgerProblem === undefined ? whole : 'warning',
    context: [
      'storeVm',
      ...(ledgerProblem === undefined ? [] : ['ledger']),
      ...(over === undefined ? [] : ['restored']),
      'id',
      'json',
      'command',
    ],
    children: 'closed',
    spoken: [vmLabel({ row: vm, twin }), group, points].filter(Boolean).join(', '),
  };
}

/** The restore over a VM that is neither undone nor accepted. */
const overFact = ({ point, time }: OpenOver): string =>
  t(
    '{0} was restored over its disks, {1}: Undo Restore… gives the old disks back, Accept Restore… ends that.',
    pointName(point),
    formatTime(time),
  );

function presentUnfinished({ id, point, vm }: PointNode): Row {
  const damaged = point.state === 'damaged';
  const state = damaged ? t('damaged') : t('not finished');
  return {
    id,
    label: pointTime(point),
    description: state,
    facts: [
      [t('Point'), pointName(point)],
      [vm.members === undefined ? t('VM') : t('VM group'), vm.name],
      [t('State'), state],
      [t('Id'), point.id],
      damaged
        ? (point.problem ?? '')
        : t('A run was interrupted, or is under way. Clean Up removes what is left over.'),
    ],
    icon: damaged ? 'error' : 'circle-slash',
    ...(damaged ? { color: 'list.errorForeground' } : {}),
    context: ['point', damaged ? 'damaged' : 'partial', 'id', 'json'],
    children: 'none',
    spoken: `${t('Point {0}', pointName(point))}, ${state}`,
  };
}

function presentPoint({ id, point, vm }: PointNode): Row {
  const full = point.kind === 'full';
  const isOver = vm.over?.vm === vm.id && vm.over.point === point.id;
  const { short, long, badge } = verdictOf(point);
  const bad = badge === 'damaged';
  const size = formatBytes(point.bytes);
  const kind = full ? t('full') : t('incremental');
  return {
    id,
    label: pointTime(point),
    // The icon tells the kind, the badge the last verification: the row fits a narrow view.
    description: formatAgo(point.created),
    facts: [
      [t('Point'), pointName(point)],
      [vm.members === undefined ? t('VM') : t('VM group'), vm.name],
      [t('Kind'), kind],
      [t('Why'), withPointNames(point.reason?.text ?? '')],
      [t('Consistency'), point.consistency ?? ''],
      [t('Builds on'), point.parent === null ? t('nothing') : pointName(point.parent)],
      ...sizeFacts(point.changedBytes, point.writtenBytes, size),
      [t('Disks'), String(point.disks.length)],
      [t('Verified'), long],
      [t('Id'), point.id],
      isOver && vm.over !== undefined ? overFact(vm.over) : '',
    ],
    icon: bad ? 'error' : full ? 'circle-large-filled' : 'circle-outline',
    ...(bad ? { color: 'list.errorForeground' } : {}),
    ...(badge === undefined ? {} : { badge }),
    context: ['point', 'complete', ...(isOver ? ['restored'] : []), 'id', 'json', 'command'],
    children: 'closed',
    spoken: [full ? t('Full point') : t('Incremental point'), pointTime(point), size, short]
      .filter(Boolean)
      .join(', '),
  };
}

/** Changed, stored and file bytes: blocks take their whole size in a file, so the three differ. */
const sizeFacts = (
  changed: number | null,
  stored: number,
  file: string,
): readonly (readonly [string, string])[] => [
  ...(changed === null ? [] : [[t('Changed'), formatBytes(changed)] as const]),
  [t('Stored'), formatBytes(stored)],
  [t('File size'), file],
];

/** A current problem takes precedence over an earlier verification. */
function verdictOf({ verified, problems }: PointNode['point']): {
  readonly short: string;
  readonly long: string;
  readonly badge: PointBadge | undefined;
} {
  const [problem] = problems;
  if (problem !== undefined) {
    return { short: problemWord(problem.code), long: problem.message, badge: 'damaged' };
  }
  if (verified === null) return { short: '', long: t('never'), badge: undefined };
  const when = formatTime(verified.time);
  if (!verified.ok) {
    return { short: t('DAMAGED'), long: t('damage found {0}', when), badge: 'damaged' };
  }
  const long = verified.quick ? t('quickly, {0}', when) : t('every hash, {0}', when);
  return verified.quick
    ? { short: t('verified quickly'), long, badge: 'quick' }
    : { short: t('verified'), long, badge: 'verified' };
}

function problemWord(code: string): string {
  if (code === 'file.missing') return t('FILES MISSING');
  return code.startsWith('chain.') ? t('PARENT MISSING') : t('DAMAGED');
}

function presentDisk({ id, disk, point }: PointDiskNode): Row {
  const kind = disk.kind === 'full' ? t('full') : t('incremental');
  const size = formatBytes(disk.fileSize);
  const shared = disk.shared === true;
  const holders = vmNames(disk.holders ?? []);
  const whose = shared ? t('shared by {0}', holders) : holders;
  return {
    id,
    label: disk.name,
    description: [holders, kind, size, t('of {0}', formatBytes(disk.virtualSize))]
      .filter(Boolean)
      .join(' · '),
    facts: [
      [t('File'), disk.path],
      [t('Point'), pointName(point)],
      [t('Disk'), String(disk.number)],
      [t('Slot'), disk.slot],
      [shared ? t('Shared by') : t('Disk of'), holders],
      [t('Kind'), kind],
      ...sizeFacts(disk.changedBytes, disk.writtenBytes, size),
      [t('Virtual size'), formatBytes(disk.virtualSize)],
    ],
    icon: shared ? SHARED_DISK_ICON : 'database',
    ...(shared ? { color: 'charts.purple' } : {}),
    context: ['pointDisk', 'id', 'json', 'command'],
    children: 'none',
    spoken: shared
      ? t('Shared disk {0}, {1}, {2}, {3}', disk.name, kind, size, whose)
      : t('Disk {0}, {1}, {2}', disk.name, kind, size),
  };
}
