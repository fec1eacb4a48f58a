import * as vscode from 'vscode';
import type { BackupOptions } from '../../engine/api/backup.ts';
import type { HostTarget } from '../../engine/api/host.ts';
import { showError } from '../errors/present-error.ts';
import { currentHost, hostKey } from '../hosts.ts';
import { inertText } from '../inert-text.ts';
import { sayWarning } from '../messages.ts';
import type { CommandHandler, Services } from '../services.ts';
import type { VmNode } from '../tree/nodes.ts';
import { backupOptions } from './backup-options.ts';
import { toRow } from './choose.ts';
import { pickStore, pickVms, nameOf } from './pick.ts';
import { KINDS, planKind, type KindPlan } from './plan-kinds.ts';
import { runJobs } from './run-jobs.ts';
import { targetsOf } from './targets.ts';

const { t } = vscode.l10n;

/** VMs, store, kind with the plan of each; then one job for each VM. */
export const backup: CommandHandler = async (services, node, selected) => {
  const picked = await pickVms(services, node, selected);
  if (picked.length === 0) return;
  const store = await pickStore(t('Back up into'), true);
  if (store === undefined) return;
  const vms = await withoutBusy(services, picked, store);
  if (vms.length === 0) return;
  const targets = await targetsOf(
    services,
    vms.map(({ host }) => host),
  );
  const kind = await pickKind(services, vms, store, targets);
  if (kind === undefined) return;
  await runJobs(
    services,
    vms.map((vm) => ({
      title: nameOf(vm),
      spec: {
        kind: 'backup' as const,
        host: vm.host.url,
        vm: vm.row.id,
        store,
        options: backupOptions(currentHost(vm.host), kind),
      },
      target: targets.get(hostKey(vm.host)) ?? null,
    })),
  );
};

/** Those that are being backed up into the store already are told and left out: the store would refuse a second writer. */
async function withoutBusy(
  { jobs }: Services,
  vms: readonly VmNode[],
  store: string,
): Promise<readonly VmNode[]> {
  const all = await jobs.look();
  const busy = (vm: VmNode): boolean =>
    all.some(
      ({ state, spec }) =>
        state === 'running' &&
        spec.kind === 'backup' &&
        spec.vm === vm.row.id &&
        spec.store === store,
    );
  for (const vm of vms.filter(busy)) void sayBusy(vm);
  return vms.filter((vm) => !busy(vm));
}

async function sayBusy(vm: VmNode): Promise<void> {
  const show = t('Show Jobs');
  const chosen = await sayWarning(
    t('{0} is being backed up into this store already.', nameOf(vm)),
    show,
  );
  if (chosen === show) await vscode.commands.executeCommand('refpoint.jobs.focus');
}

type Row = vscode.QuickPickItem & { readonly value: KindPlan };

/** The three kinds, each with what it would do and why; one that cannot be done says so and is not taken. */
async function pickKind(
  services: Services,
  vms: readonly VmNode[],
  store: string,
  targets: ReadonlyMap<string, HostTarget>,
): Promise<BackupOptions['kind'] | undefined> {
  const [first] = vms;
  const pick = vscode.window.createQuickPick<Row>();
  pick.title = inertText(
    vms.length === 1 && first !== undefined
      ? t('Back up {0}', nameOf(first))
      : t('Back up {0} VMs', vms.length),
  );
  pick.placeholder = t('What to do; nothing has been done yet');
  pick.busy = true;
  pick.ignoreFocusOut = true;
  const gone = new vscode.CancellationTokenSource();
  try {
    const chosen = new Promise<KindPlan | undefined>((resolve) => {
      pick.onDidAccept(() => {
        const [row] = pick.selectedItems;
        if (row?.value.problem === null) resolve(row.value);
      });
      pick.onDidHide(() => {
        gone.cancel();
        resolve(undefined);
      });
    });
    pick.show();
    const plans = await Promise.all(
      KINDS.map((kind) => planKind(services, vms, store, targets, kind, gone.token)),
    );
    const [automatic] = plans;
    // What cannot even be done automatically is a fault of its own, with its own next step.
    if (automatic?.problem !== null && vms.length === 1) throw automatic?.problem;
    pick.items = plans.map((plan) => ({ ...toRow({ ...plan, value: plan }) }));
    pick.busy = false;
    return (await chosen)?.kind;
  } catch (error) {
    void showError(services.output, error, first);
    return undefined;
  } finally {
    pick.dispose();
    gone.dispose();
  }
}
