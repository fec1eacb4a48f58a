import * as vscode from 'vscode';
import type { OverPlan, OverPlanDisk } from '../../../engine/api/backup.ts';
import { hostFileName, vmLabel } from '../../nodes/node-names.ts';
import { hostLabel } from '../../settings/hosts.ts';
import type { PointOfStore } from '../../stores/pick-store.ts';
import { formatBytes } from '../../words/format.ts';
import { pointName } from '../../words/point-name.ts';
import type { OverAnswer, OverDraft, OverItem } from './over-draft.ts';
import { changeVm, overFixes } from './over-fixes.ts';
import { showPlan, type PlanSection } from '../../ask/show-plan.ts';

const { t } = vscode.l10n;

/**
 * Shows the plan of a restore over the disks of a VM: what prevents it, with fixes, what is written, and how much of it need not be.
 * Returns undefined if it is cancelled.
 */
export function pickOverPlan(
  of: PointOfStore,
  draft: OverDraft,
  ask: (token: vscode.CancellationToken, report: (text: string) => void) => Promise<OverPlan>,
): Promise<OverAnswer | undefined> {
  const title = t('Restore {0} over the disks of {1}', pointName(of.point), vmLabel(draft.vm));
  return showPlan(title, ask, (plan) => sectionsOf(draft, plan));
}

function sectionsOf(draft: OverDraft, plan: OverPlan): readonly PlanSection<OverAnswer>[] {
  const fixes = overFixes(draft, plan);
  const rows = [...placeRows(draft, plan), ...plan.disks.map(diskRow), ...endRows(plan)];
  return fixes.length === 0
    ? [
        { heading: '', items: [startRow(plan)] },
        { heading: t('Plan'), items: rows },
      ]
    : [
        { heading: t('Problems'), items: fixes },
        { heading: t('Plan'), items: [startRow(plan), ...rows] },
      ];
}

function startRow(plan: OverPlan): OverItem {
  const label = t('Restore Over…');
  if (plan.findings.length > 0) {
    const description = t('not possible yet: the problems above prevent it');
    return { label, description, icon: 'circle-slash', value: null };
  }
  if (plan.disks.every(({ way }) => way === 'same')) {
    const description = t('nothing to do: every disk has these contents already');
    return { label, description, icon: 'circle-slash', value: null };
  }
  const description = t('asks once more; writes new files, proves them, attaches them');
  return { label, description, icon: 'check', value: { do: 'start', plan } };
}

const placeRows = (draft: OverDraft, { computerName, vm }: OverPlan): readonly OverItem[] => [
  {
    label: t('Host'),
    description: [hostLabel(draft.vm.host), computerName ?? ''].filter(Boolean).join(' · '),
    icon: 'server-environment',
    value: null,
  },
  {
    label: t('VM'),
    description: `${vm.name} · ${vm.state}`,
    detail: vm.id,
    icon: 'vm',
    value: { do: 'change', change: changeVm },
  },
];

function diskRow(disk: OverPlanDisk): OverItem {
  const { name, old, path, why } = disk;
  const files =
    path === null ? (old ?? '') : t('{0}, beside {1}', hostFileName(path), hostFileName(old ?? ''));
  // The reason first: names of files are long.
  const detail = [why ?? '', files].filter(Boolean).join(' · ');
  return {
    label: name,
    description: wayText(disk),
    ...(detail === '' ? {} : { detail }),
    icon: 'database',
    value: null,
  };
}

function wayText({ way, virtualSize, writtenBytes }: OverPlanDisk): string {
  const size = formatBytes(virtualSize);
  const written = formatBytes(writtenBytes ?? 0);
  switch (way) {
    case 'same':
      return t('equal already: nothing is written');
    case 'differing':
      return t('{0} of {1} differ and are written', written, size);
    case 'whole':
      return t('written as a whole: {0} of {1}', written, size);
    case null:
      return t('{0}, not compared yet', size);
  }
}

function endRows({ writtenBytes, savedBytes, disks }: OverPlan): readonly OverItem[] {
  if (writtenBytes === null || disks.every(({ way }) => way === 'same')) return [];
  const saved = savedBytes === null || savedBytes === 0 ? [] : [savedBytes];
  return [
    {
      label: t('Written'),
      description: [
        formatBytes(writtenBytes),
        ...saved.map((bytes) =>
          t('{0} saved, since only cells that differ are written', formatBytes(bytes)),
        ),
      ].join(' · '),
      icon: 'save',
      value: null,
    },
    {
      label: t('Old files'),
      description: t('stay until you accept the restore; until then it can be undone'),
      icon: 'history',
      value: null,
    },
  ];
}
