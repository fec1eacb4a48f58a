import * as vscode from 'vscode';
import type { BackupOptions, BackupPlan } from '../../engine/api/backup.ts';
import type { HostTarget } from '../../engine/api/host.ts';
import { requests } from '../../engine/api/methods.ts';
import { isCancelled, presentError } from '../errors/present-error.ts';
import { formatBytes } from '../format.ts';
import { currentHost, hostKey } from '../hosts.ts';
import type { Services } from '../services.ts';
import type { VmNode } from '../tree/nodes.ts';
import { backupOptions } from './backup-options.ts';
import { nameOf } from './pick.ts';

const { t } = vscode.l10n;

export const KINDS = ['auto', 'full', 'incremental'] as const;

/** What a kind of backup would do to the VMs, as a row says it. */
export interface KindPlan {
  readonly kind: BackupOptions['kind'];
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  readonly icon: string;
  /** Why it cannot be done for all of them; null where it can. */
  readonly problem: unknown;
}

/** Requests at once, of one host and one person who waits. */
const AT_ONCE = 4;

/** Plans a kind for every VM. Throws only what was cancelled. */
export async function planKind(
  { engine }: Services,
  vms: readonly VmNode[],
  store: string,
  targets: ReadonlyMap<string, HostTarget>,
  kind: BackupOptions['kind'],
  token: vscode.CancellationToken,
): Promise<KindPlan> {
  const labels = { auto: t('Automatic'), full: t('Full'), incremental: t('Incremental') };
  const plans: { readonly vm: VmNode; readonly plan: BackupPlan }[] = [];
  const problems: { readonly vm: VmNode; readonly error: unknown }[] = [];
  const queue = [...vms];
  const work = async (): Promise<void> => {
    for (let vm = queue.shift(); vm !== undefined; vm = queue.shift()) {
      const target = targets.get(hostKey(vm.host));
      if (target === undefined) throw new vscode.CancellationError();
      const options = backupOptions(currentHost(vm.host), kind);
      const params = { target, vm: vm.row.id, store, options };
      try {
        plans.push({ vm, plan: await engine.request(requests.planBackup, params, token) });
      } catch (error) {
        if (isCancelled(error)) throw error;
        problems.push({ vm, error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, vms.length) }, work));
  const [problem] = problems;
  if (problem !== undefined) {
    return {
      kind,
      label: labels[kind],
      description: t('not possible'),
      detail: problems
        .map(({ vm, error }) => about(vms, vm, presentError(error).detail))
        .join(' · '),
      icon: 'circle-slash',
      problem: problem.error,
    };
  }
  return {
    kind,
    label: labels[kind],
    description: describeKinds(plans.map(({ plan }) => plan)),
    detail: plans.map(({ vm, plan }) => about(vms, vm, describePlan(plan))).join(' · '),
    icon: { auto: 'check', full: 'circle-large-filled', incremental: 'circle-outline' }[kind],
    problem: null,
  };
}

/** Of several VMs, each is named. */
const about = (vms: readonly VmNode[], vm: VmNode, text: string): string =>
  vms.length === 1 ? text : `${nameOf(vm)}: ${text}`;

/** `full by file`, `2 full, 3 incremental`. */
function describeKinds(plans: readonly BackupPlan[]): string {
  const [only, ...more] = plans;
  if (only !== undefined && more.length === 0) {
    return only.kind === 'full'
      ? t('full by {0}', only.method)
      : t('incremental by {0}', only.method);
  }
  const full = plans.filter(({ kind }) => kind === 'full').length;
  return t('{0} full, {1} incremental', full, plans.length - full);
}

/** One line: why, which disks, what is left out, what to know. */
function describePlan(plan: BackupPlan): string {
  const size = plan.disks.reduce((sum, { virtualSize }) => sum + (virtualSize ?? 0), 0);
  const disks = plan.disks.length === 1 ? t('1 disk') : t('{0} disks', plan.disks.length);
  return [
    plan.reason.text,
    t('{0} of {1}', disks, formatBytes(size)),
    ...plan.excluded.map(({ slot, why }) => t('without {0}: {1}', slot, why)),
    ...plan.warnings.map(({ message }) => message),
  ].join(' · ');
}
