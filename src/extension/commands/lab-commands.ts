import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { formatBytes } from '../format.ts';
import { saveHost } from '../hosts.ts';
import { askLab, labHost, listLabVms, startLabProcess } from '../lab.ts';
import { showError } from '../present-error.ts';
import type { CommandHandler, Services } from '../services.ts';
import { nodeOf } from '../tree/nodes.ts';
import { connectTo } from './host-commands.ts';
import { pickVm } from './pick.ts';

const { t } = vscode.l10n;
const SAMPLE = 'sample-vm';

/** Starts the lab, or finds it running; makes a sample VM where it has none; connects to it. */
export const startLab: CommandHandler = async (services) => {
  const title = t('Starting the lab host');
  const location = vscode.ProgressLocation.Notification;
  const host = await vscode.window.withProgress({ location, title }, async (progress) => {
    const found = await servedLab(services);
    if (found !== undefined) return found;
    progress.report({ message: t('filling a sample VM') });
    await sampleVm(services);
    progress.report({ message: t('starting') });
    const old = labHost(services);
    const known = old === undefined ? undefined : await services.passwords.get(old);
    const password = known ?? randomBytes(18).toString('base64url');
    services.output.redactor.learn(password);
    const line = await startLabProcess(services, password);
    const lab = {
      name: t('Lab host'),
      url: line.http,
      user: line.user,
      pathMap: line.pathMap,
      lab: line.dir,
    };
    await services.passwords.store(lab, password);
    await saveHost(lab, old ?? lab);
    return lab;
  });
  services.updateContext();
  await connectTo(services, host);
};

/** The lab of the settings, where it answers. */
async function servedLab(services: Services): ReturnType<typeof answering> {
  const host = labHost(services);
  return host === undefined ? undefined : answering(services, host);
}

async function answering(
  services: Services,
  host: NonNullable<ReturnType<typeof labHost>>,
): Promise<typeof host | undefined> {
  const node = services.hosts.hostOf(host);
  if (node === undefined || (await services.passwords.get(host)) === undefined) return undefined;
  return services.hosts.connect(node.id, false).then(
    () => host,
    () => undefined,
  );
}

/** On a stopped lab, before it is served: its disk is made and copied without anybody waiting for the wire. */
async function sampleVm(services: Services): Promise<void> {
  const vms = await listLabVms(services).catch(() => []);
  if (vms.length === 0) await askLab(services, ['add-vm', '--name', SAMPLE, '--sample']);
}

export const addLabVm: CommandHandler = async (services) => {
  const name = await vscode.window.showInputBox({
    title: t('Add Lab VM'),
    prompt: t('Name of the VM'),
    value: 'vm',
    validateInput: (text) => (text.trim() === '' ? t('A name is needed') : undefined),
  });
  if (name === undefined) return;
  const kinds: (vscode.QuickPickItem & { readonly kindOf: 'sample' | 'image' | 'empty' })[] = [
    {
      label: t('Sample disk'),
      description: t('512 MiB with a partition and data'),
      kindOf: 'sample',
    },
    { label: t('Copy of a disk image…'), description: t('VHDX or raw'), kindOf: 'image' },
    { label: t('Empty disk'), description: formatBytes(2 ** 30), kindOf: 'empty' },
  ];
  const chosen = await vscode.window.showQuickPick(kinds, { title: t('Disk of {0}', name) });
  if (chosen === undefined) return;
  const args = ['add-vm', '--name', name];
  if (chosen.kindOf === 'image') {
    const [file] =
      (await vscode.window.showOpenDialog({ title: t('Disk image'), openLabel: t('Copy') })) ?? [];
    if (file === undefined) return;
    args.push('--image', file.fsPath);
  } else if (chosen.kindOf === 'empty') args.push('--size', '1G');
  else args.push('--sample');
  const title = t('Making {0}', name);
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, () =>
    askLab(services, args),
  );
  await services.hosts.refresh();
};

/** What a guest does: some hundred small writes, spread over the disk. */
export const writeInGuest: CommandHandler = async (services, node) => {
  const given = nodeOf(node, 'vm');
  const vm = given?.lab === true ? given : await pickLabVm(services);
  if (vm === undefined) return;
  const seed = randomBytes(4).toString('hex');
  const title = t('{0}: the guest writes', vm.row.name);
  const { writes, bytes } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title },
    () =>
      askLab<{ writes: number; bytes: number }>(services, [
        'write',
        '--vm',
        vm.row.id,
        '--random',
        '200',
        '--seed',
        seed,
      ]),
  );
  void vscode.window.showInformationMessage(
    t('{0}: the guest wrote {1} in {2} places.', vm.row.name, formatBytes(bytes), writes),
  );
};

async function pickLabVm(services: Services): ReturnType<typeof pickVm> {
  const lab = services.hosts.connected.find((host) => host.lab);
  return pickVm(services, lab);
}

export const stopLab: CommandHandler = async (services) => {
  const host = labHost(services);
  try {
    await askLab<{ pid: number }>(services, ['stop']);
  } catch (error) {
    void showError(error);
  }
  const node = host === undefined ? undefined : services.hosts.hostOf(host);
  if (node !== undefined) services.hosts.disconnect(node.id);
  services.updateContext();
};
