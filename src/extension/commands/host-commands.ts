import * as vscode from 'vscode';
import { requests } from '../../engine/api/methods.ts';
import { hostKey, hostLabel, readHosts, saveHost, writeHosts, type HostSetting } from '../hosts.ts';
import { showError } from '../present-error.ts';
import type { CommandHandler, Services } from '../services.ts';
import { isLabHost } from '../lab.ts';
import { nodeOf } from '../tree/nodes.ts';
import { askHost } from './ask-host.ts';
import { pickHost, pickVm } from './pick.ts';

const { t } = vscode.l10n;

export const addHost: CommandHandler = async (services) => {
  const host = await askHost(t('Add Host'));
  if (host === undefined) return;
  await saveHost(host);
  await connectTo(services, host);
};

export const editHost: CommandHandler = async (services, node) => {
  const found = await pickHost(services, node);
  if (found === undefined) return;
  const host = await askHost(t('Edit {0}', hostLabel(found.host)), found.host);
  if (host === undefined) return;
  if (hostKey(host) !== hostKey(found.host)) services.hosts.disconnect(found.id);
  // Another address has another certificate: it is asked for again.
  const { fingerprint, ...plain } = host;
  const same = host.url === found.host.url && fingerprint !== undefined;
  await saveHost(same ? host : plain, found.host);
  await connectTo(services, same ? host : plain);
};

export const removeHost: CommandHandler = async (services, node) => {
  const found = await pickHost(services, node);
  if (found === undefined) return;
  const remove = t('Remove');
  const detail = t(
    'Its entry in the settings and its password are removed. Nothing on the host and no backup is touched.',
  );
  const chosen = await vscode.window.showWarningMessage(
    t('Remove {0}?', hostLabel(found.host)),
    { modal: true, detail },
    remove,
  );
  if (chosen !== remove) return;
  await services.passwords.forget(found.host);
  await writeHosts(readHosts().filter((each) => hostKey(each) !== hostKey(found.host)));
};

export const connect: CommandHandler = async (services, node, _selected, options) => {
  const found = await pickHost(services, node);
  if (found === undefined) return;
  if ((options as { readonly ask?: boolean } | undefined)?.ask === true) {
    if (!(await services.connections.login(found.host))) return;
  }
  await connectTo(services, found.host);
};

/** Connects and shows the VMs; a refused password is forgotten, so that the next try asks again. */
export async function connectTo(services: Services, host: HostSetting): Promise<void> {
  const node = services.hosts.hostOf(host);
  if (node === undefined) return;
  try {
    await vscode.window.withProgress({ location: { viewId: 'refpoint.hosts' } }, () =>
      services.hosts.connect(node.id, true),
    );
    await showVms(services, node.id);
  } catch (error) {
    const code = (error as { readonly info?: { readonly code: string } }).info?.code;
    if (code === 'http.auth.failed') await services.passwords.forget(host);
    void showError(error, services.hosts.host(node.id));
  }
}

/** A row that was there keeps itself closed, whatever it is told: its VMs are what the person wants to see. */
async function showVms({ hosts, views }: Services, id: string): Promise<void> {
  const host = hosts.host(id);
  if (host?.state !== 'connected') return;
  await views.hosts.reveal(host, { expand: true, focus: false, select: false });
}

export const disconnect: CommandHandler = async (services, node) => {
  const found = await pickHost(services, node, 'connected');
  if (found !== undefined) services.hosts.disconnect(found.id);
};

export const forgetPassword: CommandHandler = async (services, node) => {
  const found = await pickHost(services, node);
  if (found === undefined) return;
  await services.passwords.forget(found.host);
  services.hosts.disconnect(found.id);
  void vscode.window.showInformationMessage(
    t('The password of {0} is forgotten.', hostLabel(found.host)),
  );
};

export const showFindings: CommandHandler = async (services, node) => {
  const vm = nodeOf(node, 'vm');
  const host =
    vm === undefined ? await pickHost(services, node, 'connected') : services.hosts.hostOf(vm.host);
  if (host === undefined) return;
  const target = await services.connections.target(host.host, true);
  if (target === undefined) return;
  const test = await services.engine.request(requests.testHost, { target });
  const lines = [
    `# ${hostLabel(host.host)}`,
    '',
    `- ${t('Identity')}: ${test.identity} ${test.product}${isLabHost(test) ? ` (${t('lab')})` : ''}`,
    `- ${t('Services')}: ${Object.entries(test.services)
      .map(([name, there]) => (there ? name : t('no {0}', name)))
      .join(', ')}`,
    ...findingLines(t('Findings'), test.findings),
  ];
  if (vm !== undefined) {
    const shown = await services.hosts.details(vm);
    lines.push(...findingLines(shown.name, shown.findings));
  }
  const document = await vscode.workspace.openTextDocument({
    language: 'markdown',
    content: `${lines.join('\n')}\n`,
  });
  await vscode.window.showTextDocument(document, { preview: true });
};

function findingLines(
  title: string,
  findings: readonly {
    readonly severity: string;
    readonly message: string;
    readonly code: string;
  }[],
): string[] {
  const rows = findings.map((each) => `- **${each.severity}** ${each.message} (\`${each.code}\`)`);
  return [
    '',
    `## ${title}`,
    '',
    ...(rows.length === 0 ? [t('Nothing stands in the way of backups.')] : rows),
  ];
}

export const findVm: CommandHandler = async (services, node) => {
  const vm = await pickVm(services, node, true);
  if (vm !== undefined)
    await services.views.hosts.reveal(vm, { select: true, focus: true, expand: true });
};
