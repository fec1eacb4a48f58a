import * as vscode from 'vscode';
import type { BackupOptions, BackupPlan } from '../../../engine/api/backup.ts';
import { formatBytes } from '../../words/format.ts';
import { withPointNames } from '../../words/point-name.ts';
import type { Item } from '../../ask/choose.ts';
import { vmLabel } from '../../nodes/node-names.ts';
import type { KindPlan, VmPlan } from './plan-vm.ts';

const { t } = vscode.l10n;

const LABELS: Readonly<Record<BackupOptions['kind'], () => string>> = {
  auto: () => t('Automatic'),
  full: () => t('Full'),
  incremental: () => t('Incremental'),
};

const ICONS = {
  auto: 'check',
  full: 'circle-large-filled',
  incremental: 'circle-outline',
} as const;

/** Whether at least one VM can be backed up so: one that cannot blocks only itself. */
export const isPossible = ({ plans }: KindPlan): boolean =>
  plans.some(({ block }) => block === null);

/** The row of a kind: what it would do and why, or why it cannot be done. */
export function kindRow(kindPlan: KindPlan): Omit<Item<KindPlan>, 'value'> {
  const { kind, plans } = kindPlan;
  const label = LABELS[kind]();
  const [only, ...more] = plans;
  if (only !== undefined && more.length === 0) {
    return { label, ...planRow(only), icon: only.block === null ? ICONS[kind] : 'circle-slash' };
  }
  const blocked = plans.filter(({ block }) => block !== null);
  return {
    label,
    description: countKinds(plans),
    detail: blocked
      .slice(0, 3)
      .map(({ vm, block }) => `${vmLabel(vm)}: ${block?.text ?? ''}`)
      .join(' · '),
    icon: blocked.length === plans.length ? 'circle-slash' : ICONS[kind],
  };
}

/** Returns the plan of one VM with its reason, or why it is not possible. */
export function planRow({ plan, block }: VmPlan): {
  readonly description: string;
  readonly detail: string;
} {
  if (plan === null || block !== null) {
    return { description: t('not possible'), detail: block?.text ?? '' };
  }
  return {
    description:
      plan.kind === 'full' ? t('full by {0}', plan.method) : t('incremental by {0}', plan.method),
    detail: describePlan(plan),
  };
}

/** `2 full, 3 incremental, 1 not possible`. */
function countKinds(plans: readonly VmPlan[]): string {
  const possible = plans.filter(({ block }) => block === null);
  const full = possible.filter(({ plan }) => plan?.kind === 'full').length;
  const blocked = plans.length - possible.length;
  return [
    t('{0} full, {1} incremental', full, possible.length - full),
    ...(blocked === 0 ? [] : [t('{0} not possible', blocked)]),
  ].join(', ');
}

/** One line: why, which disks, what is left out, what to know. */
function describePlan(plan: BackupPlan): string {
  const size = plan.disks.reduce((sum, { virtualSize }) => sum + (virtualSize ?? 0), 0);
  const disks = plan.disks.length === 1 ? t('1 disk') : t('{0} disks', plan.disks.length);
  return [
    withPointNames(plan.reason.text),
    t('{0} of {1}', disks, formatBytes(size)),
    ...plan.excluded.map(({ slot, why }) =>
      why === 'asked' ? t('without {0}', slot) : t('without {0}: {1}', slot, why),
    ),
    ...plan.warnings.map(({ message }) => withPointNames(message)),
  ].join(' · ');
}
