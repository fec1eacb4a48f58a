import * as vscode from 'vscode';
import type { BackupOptions } from '../../../engine/api/backup.ts';
import type { HostTarget } from '../../../engine/api/host.ts';
import { inertText } from '../../words/inert-text.ts';
import type { Services } from '../../services/services.ts';
import type { SubjectNode } from '../../nodes/nodes.ts';
import { toRow } from '../../ask/choose.ts';
import { vmLabel } from '../../nodes/node-names.ts';
import { describeChoices } from '../../choices/describe-choices.ts';
import { fixRows, type Fix } from './plan-fixes.ts';
import { isPossible, kindRow, planRow } from './plan-kinds.ts';
import { planVms, type KindPlan, type VmPlan } from './plan-vm.ts';

const { t } = vscode.l10n;

/** Answer of the user. */
export type PlanAnswer =
  | {
      readonly do: 'start';
      readonly kind: BackupOptions['kind'];
      readonly vms: readonly SubjectNode[];
    }
  | { readonly do: 'fix'; readonly fix: Fix }
  | { readonly do: 'options' };

/** A row's answer; null for a kind that is not possible, which is not taken. */
type Row = vscode.QuickPickItem & { readonly value: PlanAnswer | KindPlan | null };

/**
 * Shows the three kinds, each with its plan and reason, and the fixes for those that are not possible. Throws if there is no plan
 * for the only VM and no fix for it. Returns undefined if it is cancelled.
 */
export async function pickPlan(
  services: Services,
  vms: readonly SubjectNode[],
  store: string,
  targets: ReadonlyMap<string, HostTarget>,
): Promise<PlanAnswer | undefined> {
  const pick = vscode.window.createQuickPick<Row>();
  pick.title = inertText(titleOf(vms));
  pick.placeholder = t('What to do; nothing has been done yet');
  pick.busy = true;
  pick.ignoreFocusOut = true;
  const gone = new vscode.CancellationTokenSource();
  try {
    const chosen = new Promise<PlanAnswer | KindPlan | undefined>((resolve) => {
      pick.onDidAccept(() => {
        const [row] = pick.selectedItems;
        if (row !== undefined && row.value !== null) resolve(row.value);
      });
      pick.onDidHide(() => {
        gone.cancel();
        resolve(undefined);
      });
    });
    pick.show();
    const kinds = await planVms(services, vms, store, targets, gone.token);
    pick.items = rowsOf(services, vms, kinds);
    pick.busy = false;
    const answer = await chosen;
    if (answer === undefined || 'do' in answer) return answer;
    return vms.length === 1
      ? { do: 'start', kind: answer.kind, vms }
      : await pickFromList(answer, vms.length);
  } finally {
    pick.dispose();
    gone.dispose();
  }
}

const titleOf = (vms: readonly SubjectNode[]): string => {
  const [first, ...more] = vms;
  return first !== undefined && more.length === 0
    ? t('Back up {0}', vmLabel(first))
    : t('Back up {0} VMs', vms.length);
};

/** Fixes of the automatic kind come first if no kind is possible without them. */
function rowsOf(
  { choices }: Services,
  vms: readonly SubjectNode[],
  kinds: readonly KindPlan[],
): readonly Row[] {
  const [automatic] = kinds;
  const fixes = automatic === undefined ? [] : fixRows(automatic.plans);
  const [first] = automatic?.plans ?? [];
  const nothing = automatic !== undefined && !isPossible(automatic);
  if (nothing && vms.length === 1 && fixes.length === 0) throw first?.block?.error;
  const kindRows = kinds.map((each) =>
    toRow<Row['value']>({ ...kindRow(each), value: isPossible(each) ? each : null }),
  );
  const mending = fixes.map(({ value: fix, ...item }) =>
    toRow<Row['value']>({ ...item, value: { do: 'fix', fix } }),
  );
  const options = toRow<Row['value']>({
    label: t('Options…'),
    description: describeChoices(vms.map(({ row }) => choices.of(row.id))),
    icon: 'settings-gear',
    value: { do: 'options' },
  });
  if (nothing) return [...mending, ...kindRows, options];
  return [...kindRows, ...mending, ...methodRow(first?.plan ?? null, vms.length), options];
}

/** Says why the disks of the only VM are read as they are, and what spoke against the other ways; leads to the options. */
function methodRow(plan: VmPlan['plan'], count: number): readonly Row[] {
  if (plan === null || count !== 1) return [];
  const others = plan.methods.filter(({ method, possible }) => !possible && method !== plan.method);
  return [
    toRow<Row['value']>({
      label: t('Method: {0}', plan.method),
      description: plan.methodReason.text,
      ...(others.length === 0
        ? {}
        : { detail: others.map(({ method, reason }) => `${method}: ${reason}`).join(' · ') }),
      icon: 'book',
      value: { do: 'options' },
    }),
  ];
}

/** Lists the VMs with what would be done to each. One that is not possible is shown with the reason, and stays out. */
async function pickFromList(
  { kind, plans }: KindPlan,
  count: number,
): Promise<PlanAnswer | undefined> {
  type VmRow = vscode.QuickPickItem & { readonly value: VmPlan };
  const rows = plans.map((plan): VmRow => {
    const icon = plan.block !== null ? 'circle-slash' : 'vm';
    return toRow({ label: vmLabel(plan.vm), ...planRow(plan), icon, value: plan });
  });
  const possible = rows.filter(({ value }) => value.block === null);
  const pick = vscode.window.createQuickPick<VmRow>();
  pick.title = t('Back up {0} of {1} VMs', possible.length, count);
  pick.placeholder = t('VMs to back up now');
  pick.canSelectMany = true;
  pick.matchOnDescription = true;
  pick.ignoreFocusOut = true;
  pick.items = rows;
  pick.selectedItems = possible;
  try {
    return await new Promise<PlanAnswer | undefined>((resolve) => {
      pick.onDidChangeSelection((selected) => {
        const allowed = selected.filter(({ value }) => value.block === null);
        if (allowed.length < selected.length) pick.selectedItems = allowed;
      });
      pick.onDidAccept(() => {
        const vms = pick.selectedItems
          .filter(({ value }) => value.block === null)
          .map(({ value }) => value.vm);
        if (vms.length > 0) resolve({ do: 'start', kind, vms });
      });
      pick.onDidHide(() => resolve(undefined));
      pick.show();
    });
  } finally {
    pick.dispose();
  }
}
