import { readdir } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { CommandHandler } from '../services.ts';
import { nodeOf, type AnyNode } from '../tree/nodes.ts';
import { pickPoint, pickStoreVm } from './pick.ts';
import { runJobs, type NewJob } from './run-jobs.ts';

const { t } = vscode.l10n;

/** Point, format, folder; what stands in the folder is replaced only after a question. */
export const restore: CommandHandler = async (services, node) => {
  const chosen = await pickPoint(services, node, t('Restore which point'));
  if (chosen === undefined) return;
  const { store, vm, point } = chosen;
  const formats: (vscode.QuickPickItem & { readonly format: 'vhdx' | 'raw' })[] = [
    {
      label: 'VHDX',
      description: t('dynamic, without a parent; attach it in Hyper-V'),
      format: 'vhdx',
    },
    {
      label: t('Raw'),
      description: t('every byte of the disk, as dd would write it'),
      format: 'raw',
    },
  ];
  const format = (await vscode.window.showQuickPick(formats, { title: t('Restore as') }))?.format;
  if (format === undefined) return;
  const to = await askTarget();
  if (to === undefined) return;
  const force = await askForce(
    to,
    point.disks.map(({ file }) => file.replace(/\.[^.]*$/, '')),
  );
  if (force === undefined) return;
  const spec = {
    kind: 'restore',
    store,
    vm: vm.id,
    point: point.id,
    disks: [],
    to,
    format,
    force,
  } as const;
  await runJobs(services, [{ title: vm.name, spec, target: null }]);
};

async function askTarget(): Promise<string | undefined> {
  const browse: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('folder-opened'),
    tooltip: t('Choose a Folder…'),
  };
  const box = vscode.window.createInputBox();
  box.title = t('Restore to');
  box.prompt = t('Folder for the restored disks; made when new');
  box.placeholder = process.platform === 'win32' ? 'D:\\Restored' : '/srv/restored';
  box.buttons = [browse];
  box.ignoreFocusOut = true;
  try {
    return await new Promise<string | undefined>((resolve) => {
      box.onDidAccept(() => {
        const text = box.value.trim();
        const absolute =
          process.platform === 'win32' ? /^([a-z]:[\\/]|\\\\)/i.test(text) : text.startsWith('/');
        if (absolute) resolve(text);
        else box.validationMessage = t('The whole path of a folder is needed');
      });
      box.onDidTriggerButton(
        () => void browseTarget().then((path) => path !== undefined && resolve(path)),
      );
      box.onDidHide(() => resolve(undefined));
      box.show();
    });
  } finally {
    box.dispose();
  }
}

async function browseTarget(): Promise<string | undefined> {
  const options = { canSelectFiles: false, canSelectFolders: true, openLabel: t('Restore Here') };
  const [folder] = (await vscode.window.showOpenDialog(options)) ?? [];
  return folder?.fsPath;
}

/** undefined: given up. Names what would be lost. */
async function askForce(to: string, names: readonly string[]): Promise<boolean | undefined> {
  const there = await readdir(to).catch(() => []);
  const lost = there.filter((file) => names.some((name) => file.startsWith(name)));
  if (lost.length === 0) return false;
  const replace = t('Replace');
  const chosen = await vscode.window.showWarningMessage(
    t('{0} already holds files of these disks.', to),
    { modal: true, detail: t('These will be lost: {0}', lost.join(', ')) },
    replace,
  );
  return chosen === replace ? true : undefined;
}

/** Points that are selected, or every point of a VM, quickly or with every hash. */
export const verify: CommandHandler = async (services, node, selected) => {
  const several = selected.length > 1 ? selected : [node];
  const points = several.flatMap((each) => nodeOf(each, 'point') ?? []);
  const of = points.length > 0 ? undefined : await pickStoreVm(services, node);
  if (points.length === 0 && of === undefined) return;
  const modes: (vscode.QuickPickItem & { readonly quick: boolean })[] = [
    { label: t('Every hash'), description: t('reads all contents'), quick: false },
    { label: t('Quick'), description: t('files, sizes and parents only'), quick: true },
  ];
  const mode = await vscode.window.showQuickPick(modes, { title: t('Verify') });
  if (mode === undefined) return;
  const { quick } = mode;
  if (of !== undefined) {
    const spec = { kind: 'verify', store: of.store, vm: of.vm.id, points: [], quick } as const;
    await runJobs(services, [{ title: of.vm.name, spec, target: null }]);
    return;
  }
  await runJobs(services, byVm(points, quick));
};

/** One job for each VM: its points share their chains. */
function byVm(
  points: readonly Extract<AnyNode, { readonly kind: 'point' }>[],
  quick: boolean,
): NewJob[] {
  const groups = Map.groupBy(points, ({ store, vm }) => `${store}|${vm.id}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { store, vm } = first;
    const ids = group.map(({ point }) => point.id);
    return [
      {
        title: vm.name,
        spec: { kind: 'verify', store, vm: vm.id, points: ids, quick },
        target: null,
      },
    ];
  });
}
