import * as vscode from 'vscode';
import type { PlannedVolume, SetPlanDocument } from '../../../engine/api/vss.ts';
import { showPlan, type PlanSection } from '../../ask/show-plan.ts';
import { presentCode } from '../../errors/present-error.ts';
import type { Services } from '../../services/services.ts';
import { hostLabel } from '../../settings/hosts.ts';
import { storeLabel } from '../../settings/stores.ts';
import { formatBytes } from '../../words/format.ts';
import { sortedVms } from '../../words/group-words.ts';
import { shortPath } from '../backup/plan-vm.ts';
import type { SetAnswer, SetDraft, SetItem } from './set-draft.ts';
import { setFixes } from './set-fixes.ts';
import { changeVms } from './set-vms.ts';

const { t } = vscode.l10n;

/** Maximum number of paths in the row of a volume. */
const MOST_PATHS = 3;

/**
 * Shows the plan of a shadow copy set: what prevents it, with fixes, every VM that it disturbs, and the volumes of every VM. Returns
 * undefined if it is cancelled.
 */
export function pickSetPlan(
  services: Services,
  draft: SetDraft,
  ask: (token: vscode.CancellationToken) => Promise<SetPlanDocument>,
): Promise<SetAnswer | undefined> {
  const title = t('Back up {0} by VSS', countOf(draft.vms.length));
  return showPlan(title, ask, (plan) => sectionsOf(services, draft, plan));
}

const countOf = (count: number): string => (count === 1 ? t('1 VM') : t('{0} VMs', count));

function sectionsOf(
  services: Services,
  draft: SetDraft,
  plan: SetPlanDocument,
): readonly PlanSection<SetAnswer>[] {
  const fixes = setFixes(draft, plan);
  const start = startRow(draft, plan, fixes.length > 0);
  return [
    ...(fixes.length === 0
      ? [{ heading: '', items: [start] }]
      : [
          { heading: t('Problems'), items: fixes },
          { heading: t('Plan'), items: [start] },
        ]),
    { heading: t('Disturbed'), items: disturbedRows(plan) },
    { heading: t('Remarks'), items: remarkRows(services, plan) },
    { heading: t('VMs'), items: [choiceRow(services, draft), ...vmRows(plan)] },
    { heading: t('Left Out'), items: plan.failed.map(failedRow) },
    { heading: t('Volumes'), items: plan.volumes.map(volumeRow) },
    { heading: t('Place'), items: placeRows(draft) },
  ];
}

function startRow({ vms }: SetDraft, plan: SetPlanDocument, blocked: boolean): SetItem {
  const label = t('Back Up Now');
  const no = (description: string): SetItem => {
    return { label, description, icon: 'circle-slash', value: null };
  };
  if (blocked) return no(t('not possible yet: the problems above prevent it'));
  if (plan.vms.length === 0) return no(t('not possible: see below why each VM is left out'));
  const volumes = plan.volumes.length === 1 ? t('1 volume') : t('{0} volumes', plan.volumes.length);
  const count = plan.vms.length;
  const of = count === vms.length ? countOf(count) : t('{0} of {1} VMs', count, vms.length);
  const description = t('shadow copies of {0} at one instant; a full point of {1}', volumes, of);
  return { label, description, icon: 'check', value: { do: 'start', plan } };
}

/** VMs that are frozen though they are not backed up, and those that are saved and resumed. */
function disturbedRows({ others, saved, vms }: SetPlanDocument): readonly SetItem[] {
  const isSaved = new Set(saved.map(({ id }) => id));
  const row = (name: string, id: string, description: string, icon: string): SetItem => {
    return { label: name === '' ? id : name, description, icon, value: null };
  };
  return [
    ...sortedVms(others).map(({ id, name }) =>
      row(
        name,
        id,
        isSaved.has(id)
          ? t('saved and resumed, though it is not backed up')
          : t('frozen for a moment, though it is not backed up'),
        'debug-pause',
      ),
    ),
    ...sortedVms(vms.filter(({ id }) => isSaved.has(id))).map(({ id, name }) =>
      row(name, id, t('saved and resumed: its guest does not answer for backups'), 'debug-restart'),
    ),
  ];
}

/** Warnings that no other row shows. */
function remarkRows({ choices }: Services, plan: SetPlanDocument): readonly SetItem[] {
  const partly = plan.vms.filter(({ id }) => (choices.of(id).leftOut ?? []).length > 0);
  const rows = plan.warnings.flatMap(({ code, message }): SetItem[] => {
    if (code === 'vss.saved') return [];
    const label =
      code === 'vss.many' ? t('Many VMs') : code === 'vss.room' ? t('Little room') : t('Warning');
    return [{ label, detail: message, icon: 'warning', value: null }];
  });
  return [
    ...rows,
    ...sortedVms(partly).map(({ name, id }): SetItem => ({
      label: name === '' ? id : name,
      description: t('disks that you left out are backed up, too'),
      icon: 'info',
      value: null,
    })),
  ];
}

function choiceRow({ hosts }: Services, draft: SetDraft): SetItem {
  const all = hosts.vms(hosts.hostOf(draft.host)?.id ?? '').length;
  return {
    label: t('Choose VMs…'),
    description: t('{0} of {1} VMs of the host', draft.vms.length, all),
    icon: 'checklist',
    value: { do: 'change', change: (services) => changeVms(services, draft) },
  };
}

function vmRows({ vms, volumes }: SetPlanDocument): readonly SetItem[] {
  const names = new Map(volumes.map((each) => [each.volume, nameOf(each)]));
  return sortedVms(vms).map(({ id, name, volumes: on }) => ({
    label: name === '' ? id : name,
    description: t('files on {0}', on.map((volume) => names.get(volume) ?? volume).join(', ')),
    icon: 'vm',
    value: null,
  }));
}

const nameOf = ({ name, volume }: PlannedVolume): string => name ?? volume;

function failedRow({ vm, error }: SetPlanDocument['failed'][number]): SetItem {
  const { detail } = presentCode(error.code, error.message, undefined, error.data);
  // The row names the VM: what follows its name is the reason.
  const [, reason = detail] = detail.split(`${vm.name}: `, 2);
  return {
    label: vm.name === '' ? vm.id : vm.name,
    description: t('not possible'),
    detail: reason,
    icon: 'circle-slash',
    value: null,
  };
}

function volumeRow(volume: PlannedVolume): SetItem {
  const { room, paths } = volume;
  const more = paths.length - MOST_PATHS;
  return {
    label: nameOf(volume),
    description:
      room === null
        ? t('room for differences not known')
        : t('{0} left for differences', formatBytes(room)),
    detail: [
      ...paths.slice(0, MOST_PATHS).map((path) => shortPath(path)),
      ...(more > 0 ? [t('and {0} more', more)] : []),
    ].join(' · '),
    icon: 'database',
    value: null,
  };
}

const placeRows = ({ host, store }: SetDraft): readonly SetItem[] => [
  { label: t('Host'), description: hostLabel(host), icon: 'server-environment', value: null },
  {
    label: t('Store'),
    description: [storeLabel(store), store].join(' · '),
    icon: 'archive',
    value: null,
  },
];
