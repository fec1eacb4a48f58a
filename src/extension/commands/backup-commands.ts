import * as vscode from 'vscode';
import type { BackupOptions, BackupPlan } from '../../engine/api/backup.ts';
import type { HostTarget } from '../../engine/api/host.ts';
import { requests } from '../../engine/api/methods.ts';
import { formatBytes } from '../format.ts';
import { pathMapOf, type HostSetting } from '../hosts.ts';
import { showError } from '../present-error.ts';
import type { CommandHandler, Services } from '../services.ts';
import type { VmNode } from '../tree/nodes.ts';
import { nodeOf } from '../tree/nodes.ts';
import { pickHost, pickStore, pickVm, pickVms } from './pick.ts';
import { runJobs } from './run-jobs.ts';

const { t } = vscode.l10n;

/** The options that follow from settings and host; the kind is the person's choice. */
export function backupOptions(host: HostSetting, kind: BackupOptions['kind']): BackupOptions {
  const settings = vscode.workspace.getConfiguration('refpoint');
  return {
    kind,
    method: 'auto',
    consistency: 'default',
    guestBackup: 'copy',
    checkTracker: settings.get<BackupOptions['checkTracker']>('checkTracker', 'off'),
    maxChain: settings.get<number>('maxChain', 60),
    pathMap: pathMapOf(host),
    exportDirectory: host.exportDirectory ?? null,
    excludeDisks: [],
  };
}

/** VMs, store, kind with the plan of each; then one job for each VM. */
export const backup: CommandHandler = async (services, node, selected) => {
  const vms = await pickVms(services, node, selected);
  const [first] = vms;
  if (first === undefined) return;
  const store = await pickStore(t('Back up into'));
  if (store === undefined) return;
  const kind = await pickKind(services, first, vms.length, store);
  if (kind === undefined) return;
  await runJobs(
    services,
    await Promise.all(
      vms.map(async ({ host, row }) => ({
        title: row.name,
        spec: {
          kind: 'backup' as const,
          host: host.url,
          vm: row.id,
          store,
          options: backupOptions(host, kind),
        },
        target: await mustHaveTarget(services, host),
      })),
    ),
  );
};

export async function mustHaveTarget(services: Services, host: HostSetting): Promise<HostTarget> {
  const target = await services.connections.target(host, true);
  if (target === undefined) throw new vscode.CancellationError();
  return target;
}

interface KindItem extends vscode.QuickPickItem {
  readonly kindOf: BackupOptions['kind'];
  readonly possible: boolean;
}

/** The three kinds, each with what it would do and why; a kind that cannot be done says so and is not taken. */
async function pickKind(
  services: Services,
  vm: VmNode,
  count: number,
  store: string,
): Promise<BackupOptions['kind'] | undefined> {
  const title = count === 1 ? t('Back up {0}', vm.row.name) : t('Back up {0} VMs', count);
  const pick = vscode.window.createQuickPick<KindItem>();
  pick.title = title;
  pick.placeholder = t('What to do; nothing has been done yet');
  pick.busy = true;
  pick.ignoreFocusOut = true;
  pick.show();
  try {
    const chosen = new Promise<KindItem | undefined>((resolve) => {
      pick.onDidAccept(() => {
        const [item] = pick.selectedItems;
        if (item?.possible === true) resolve(item);
      });
      pick.onDidHide(() => resolve(undefined));
    });
    const target = await mustHaveTarget(services, vm.host);
    const kinds = ['auto', 'full', 'incremental'] as const;
    pick.items = await Promise.all(
      kinds.map((kind) => kindItem(services, vm, store, kind, target)),
    );
    pick.busy = false;
    return (await chosen)?.kindOf;
  } catch (error) {
    void showError(error, vm);
    return undefined;
  } finally {
    pick.dispose();
  }
}

async function kindItem(
  { engine }: Services,
  vm: VmNode,
  store: string,
  kind: BackupOptions['kind'],
  target: HostTarget,
): Promise<KindItem> {
  const labels = {
    auto: t('Automatic'),
    full: t('Full'),
    incremental: t('Incremental'),
  };
  try {
    const options = backupOptions(vm.host, kind);
    const plan = await engine.request(requests.planBackup, {
      target,
      vm: vm.row.id,
      store,
      options,
    });
    const done = plan.kind === 'full' ? t('full') : t('incremental');
    return {
      label: labels[kind],
      description: kind === 'auto' ? t('{0} by {1}', done, plan.method) : t('by {0}', plan.method),
      detail: describePlan(plan),
      kindOf: kind,
      possible: true,
    };
  } catch (error) {
    // An automatic one that cannot be planned is a fault of its own.
    if (kind === 'auto') throw error;
    return {
      label: `$(circle-slash) ${labels[kind]}`,
      detail: (error as Error).message,
      kindOf: kind,
      possible: false,
    };
  }
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

export const exportCommand: CommandHandler = async (services, node) => {
  const vm = await pickVm(services, node);
  if (vm === undefined) return;
  const directory = await vscode.window.showInputBox({
    title: t('Export {0}', vm.row.name),
    prompt: t('Folder on the host, in the host’s spelling'),
    placeHolder: 'D:\\Exports',
    value:
      vm.host.exportDirectory ??
      Object.keys(vm.host.pathMap ?? {}).map((root) => `${root}\\Exports`)[0] ??
      '',
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^([a-z]:\\|\\\\)/i.test(text.trim())
        ? undefined
        : t('A Windows path such as D:\\Exports is needed'),
  });
  if (directory === undefined) return;
  const since = await pickSince(services, vm);
  if (since === undefined) return;
  const target = await mustHaveTarget(services, vm.host);
  const spec = {
    kind: 'export',
    host: vm.host.url,
    vm: vm.row.id,
    directory: directory.trim(),
    since,
  } as const;
  await runJobs(services, [{ title: vm.row.name, spec, target }]);
};

/** null: everything. undefined: given up. */
async function pickSince(services: Services, vm: VmNode): Promise<string | null | undefined> {
  const { referencePoints } = await services.hosts.details(vm);
  if (referencePoints.length === 0) return null;
  const items: (vscode.QuickPickItem & { readonly since: string | null })[] = [
    { label: t('Everything'), description: t('a full export'), since: null },
    ...referencePoints.map((point) => ({
      label: t('What changed since {0}', point.pointId ?? point.created ?? point.id),
      detail: point.id,
      since: point.id,
    })),
  ];
  return (await vscode.window.showQuickPick(items, { title: t('Export {0}', vm.row.name) }))?.since;
}

/** Shows what would be removed first, and asks. */
export const cleanUp: CommandHandler = async (services, node) => {
  const job = nodeOf(node, 'job')?.job;
  const ofJob = job?.spec.kind === 'backup' ? job.spec : undefined;
  const vm =
    ofJob === undefined
      ? await pickVm(services, node)
      : await vmOfJob(services, ofJob.host, ofJob.vm);
  if (vm === undefined) return;
  const path = ofJob?.store ?? (await pickStore(t('Clean up in')));
  if (path === undefined) return;
  const target = await mustHaveTarget(services, vm.host);
  const common = { target, vm: vm.row.id, store: path, pathMap: pathMapOf(vm.host) };
  const title = t('Clean up {0}', vm.row.name);
  const run = (
    dryRun: boolean,
  ): Thenable<readonly { readonly id: string; readonly text: string }[]> =>
    vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (progress, token) =>
        services.engine.requestWithProgress(
          requests.clean,
          { ...common, dryRun },
          ({ phase }) => progress.report({ message: phase }),
          token,
        ),
    );
  const items = await run(true);
  if (items.length === 0) {
    void vscode.window.showInformationMessage(t('{0}: nothing to clean up.', vm.row.name));
    return;
  }
  const remove = t('Clean Up');
  const detail = items.map(({ text, id }) => `${text} (${id})`).join('\n');
  const chosen = await vscode.window.showWarningMessage(
    t('{0}: this is what interrupted runs left. Clean it up?', vm.row.name),
    { modal: true, detail },
    remove,
  );
  if (chosen !== remove) return;
  const done = await run(false);
  void vscode.window.showInformationMessage(
    done.length === 1
      ? t('1 thing was cleaned up.')
      : t('{0} things were cleaned up.', done.length),
  );
  services.trees.stores.refresh();
  await services.hosts.refreshVm(vm);
};

async function vmOfJob(services: Services, url: string, vmId: string): Promise<VmNode | undefined> {
  const host =
    services.hosts.hosts.find((each) => each.host.url === url) ??
    (await pickHost(services, undefined));
  if (host === undefined) return undefined;
  if (host.state !== 'connected') await services.hosts.connect(host.id, true);
  return services.hosts.vm(host.host, vmId);
}
