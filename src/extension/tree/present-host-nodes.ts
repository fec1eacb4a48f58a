import * as vscode from 'vscode';
import type { VmReferencePoint, VmRow } from '../../engine/api/host.ts';
import { presentError } from '../errors/present-error.ts';
import { formatAgo, formatBytes, formatSecond, formatTime } from '../words/format.ts';
import { protectionText } from '../words/file-protection.ts';
import { loginText } from '../words/login-text.ts';
import { elevationText, shadowRightsText } from '../words/own-rights.ts';
import { pointName, pointTime } from '../words/point-name.ts';
import { canonicalUrl } from '../settings/host-address.ts';
import { hostLabel } from '../settings/hosts.ts';
import { presentMessage } from './message-node.ts';
import { presentGroup, presentGroupDisk, presentMember } from './present-group-nodes.ts';
import { SHARED_DISK_ICON } from '../words/group-words.ts';
import { VM_STATES } from './vm-states.ts';
import type {
  CheckpointNode,
  HostNode,
  HostTreeNode,
  ReferencePointNode,
  VmDiskNode,
  VmNode,
} from '../nodes/nodes.ts';
import type { Row } from './row.ts';
import {
  shortId,
  vmLabel,
  hostFileName,
  referencePointName,
  ownerText,
  ownerIcon,
} from '../nodes/node-names.ts';

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
    case 'group':
      return presentGroup(node);
    case 'groupMember':
      return presentMember(node);
    case 'groupDisk':
      return presentGroupDisk(node);
    case 'message':
      return presentMessage(node);
  }
}

function presentHost(node: HostNode): Row {
  const { id, host, state, lab, failure } = node;
  const words = {
    disconnected: node.arriving === true ? t('listing VMs') : t('not connected'),
    connected: vmCount(node.vms),
    failed: t('failed'),
  };
  const kind = lab ? t('Lab host') : t('Hyper-V host');
  const label = hostLabel(host);
  return {
    id,
    label,
    description: lab ? `${t('lab')} · ${words[state]}` : words[state],
    facts: [
      [kind, canonicalUrl(host.url)],
      [t('User'), host.user ?? t('none')],
      [t('State'), words[state]],
      [t('Login'), node.login === null ? '' : loginText(node.login)],
      [t('Administrator rights'), elevationText(node.login?.elevated ?? null)],
      [t('Shadow copies'), shadowRightsText(node.login?.findings ?? [])],
      [t('Certificate'), host.fingerprint ?? ''],
      [
        t('Files'),
        node.files === null ? '' : `${node.files.server}: ${protectionText(node.files)}`,
      ],
      ...Object.entries(host.pathMap ?? {}).map(
        ([from, to]) => [t('Folder'), `${from} = ${to}`] as const,
      ),
      [t('Exports go to'), host.exportDirectory ?? ''],
      state === 'failed' ? presentError(failure, node).text : '',
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
    children: state === 'connected' || node.arriving === true ? 'open' : 'closed',
    spoken: `${kind} ${label}, ${words[state]}`,
  };
}

const vmCount = (count: number): string => (count === 1 ? t('1 VM') : t('{0} VMs', count));

function presentVm({ id, row, lab, twin }: VmNode): Row {
  const { text, icon, color } = VM_STATES[row.state]();
  const doing = row.operation === null ? text : `${text}, ${row.operation}`;
  return {
    id,
    label: row.name === '' ? row.id : row.name,
    description: twin ? `${doing} · ${shortId(row.id)}` : doing,
    facts: [
      [t('Name'), row.name],
      [t('State'), doing],
      ...('disks' in row ? countedFacts(row) : []),
      [t('Id'), row.id],
      twin ? t('Another VM of this host has the same name.') : '',
    ],
    icon,
    ...(color === undefined ? {} : { color }),
    context: ['vm', ...(lab ? ['lab'] : []), 'id', 'json', 'command'],
    children: 'closed',
    spoken: t('Virtual machine {0}, {1}', vmLabel({ row, twin }), doing),
  };
}

const countedFacts = (row: VmRow): (readonly [string, string])[] => [
  [t('Generation'), row.generation === null ? t('unknown') : String(row.generation)],
  [t('Configuration version'), row.version],
  [t('Disks'), String(row.disks)],
  [t('Checkpoints'), String(row.checkpoints)],
  [t('Reference points'), String(row.referencePoints)],
];

function presentDisk({ id, disk, vm, leftOut = false }: VmDiskNode): Row {
  const size = disk.virtualSize === null ? t('size unknown') : formatBytes(disk.virtualSize);
  const name = hostFileName(disk.path);
  const shared = leftOut
    ? [t('left out of backups')]
    : disk.shared
      ? [t('shared: backed up with its group')]
      : [];
  return {
    id,
    label: name === '' ? t('Disk {0}', disk.number) : name,
    description: [size, disk.controller, ...shared].join(' · '),
    facts: [
      [t('Disk'), String(disk.number)],
      [t('Path on the host'), disk.path],
      [t('Format'), disk.format],
      [t('Size'), size],
      [t('Slot'), disk.controller],
      [t('Disk id'), disk.diskId ?? t('unknown')],
      [
        t('Change tracking'),
        disk.rct.enabled ? t('since the newest reference point') : t('no reference point'),
      ],
      ...shared,
    ],
    icon: disk.shared ? SHARED_DISK_ICON : 'database',
    ...(disk.shared ? { color: 'charts.purple' } : {}),
    context: [
      'vmDisk',
      leftOut ? 'leftOut' : 'taken',
      'id',
      'json',
      ...(vm.referencePoints.length > 0 ? ['command'] : []),
    ],
    children: 'none',
    spoken: [t('Disk {0}, {1}, {2}', disk.number, name, size), ...shared].join(', '),
  };
}

function presentCheckpoint({ id, checkpoint }: CheckpointNode): Row {
  const backup = checkpoint.type === 'backup';
  const type = backup ? t('backup checkpoint') : t('user checkpoint');
  const owner = backup ? ownerText(checkpoint) : '';
  return {
    id,
    label: checkpoint.name === '' ? checkpoint.id : checkpoint.name,
    description: [type, owner, formatTime(checkpoint.created)].filter(Boolean).join(' · '),
    facts: [
      [t('Name'), checkpoint.name],
      [t('Type'), type],
      owner === '' ? '' : [t('Owner'), owner],
      [t('Created'), formatTime(checkpoint.created)],
      [t('Id'), checkpoint.id],
    ],
    icon: 'device-camera',
    context: ['checkpoint', checkpoint.type, 'id', 'json'],
    children: 'none',
  };
}

function presentReferencePoint({ id, point }: ReferencePointNode): Row {
  const ours = point.owner === 'ours';
  const unknown = point.owner === 'unknown';
  // Only the ledger of its creator has its backup point and its time; the host has neither.
  const made = ours ? referencePointTime(point) : '';
  const owner = ownerText(point);
  const label = made === '' ? t('Reference point') : made;
  const unnamed = ours ? '' : shortId(lastGuid(point.id));
  return {
    id,
    label,
    description: ours ? formatAgo(point.created) : [owner, unnamed].filter(Boolean).join(' · '),
    facts: [
      [
        t('Owner'),
        ours
          ? t('In a ledger of ours')
          : unknown
            ? t('In no ledger that can be read now: it may be ours')
            : t('In no ledger of ours: another product may need it'),
      ],
      [t('Consistency'), point.consistency],
      [t('Created'), point.created === null ? t('unknown') : formatSecond(point.created)],
      [t('Backup point'), point.pointId === null ? t('none') : pointName(point.pointId)],
      [t('Id of the point'), point.pointId ?? ''],
      [t('Id'), point.id],
    ],
    icon: ownerIcon(point),
    ...(ours ? { color: 'charts.blue' } : {}),
    context: ['referencePoint', 'id', 'json', 'command'],
    children: 'none',
    spoken: t('Reference point {0}, {1}', referencePointName(point) || point.id, owner),
  };
}

/** The same without the kind, for a row. */
const referencePointTime = ({
  pointId,
  created,
}: Pick<VmReferencePoint, 'pointId' | 'created'>): string =>
  pointId === null ? formatSecond(created) : pointTime({ id: pointId });

/** Ids of reference points end in a GUID of their own. */
const lastGuid = (id: string): string => id.split(/[\\:]/).at(-1) ?? id;
