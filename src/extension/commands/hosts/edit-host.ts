import * as vscode from 'vscode';
import type { JobInfo, JobSpec } from '../../../engine/api/jobs.ts';
import { requests } from '../../../engine/api/methods.ts';
import {
  currentHost,
  hostKey,
  hostLabel,
  readHosts,
  saveHost,
  type HostSetting,
} from '../../settings/hosts.ts';
import { sayInfo } from '../../ask/messages.ts';
import type { CommandHandler, Services } from '../../services/services.ts';
import { jobNode } from '../../nodes/node-names.ts';
import { nodeOf } from '../../nodes/nodes.ts';
import { askAddress, askUser } from '../../hosts/ask-host.ts';
import { askText } from '../../ask/ask-text.ts';
import { hostOptions } from '../../choices/backup-options.ts';
import { choose } from '../../ask/choose.ts';
import { connectTo, reviewCertificate } from '../../hosts/connect-host.ts';
import { editPathMap, mapFolder } from '../../hosts/map-folder.ts';
import { hostPathProblem } from '../../hosts/host-path.ts';
import { pickHost } from '../../hosts/pick-host.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';

const { t } = vscode.l10n;

type Edit = (services: Services, host: HostSetting, title: string) => Promise<void>;

/**
 * Asks which fact of a host to change, then for the new one: nothing else has to be gone through. With the option `folder`, or for a
 * job that could not read a disk, it begins with the folder of the host that has no place here.
 */
export const editHost: CommandHandler = async (services, node, _selected, options) => {
  const job = nodeOf(node, 'job')?.job;
  const found =
    job === undefined ? await pickHost(services, node) : services.hosts.at(hostOfJob(job.spec));
  if (found === undefined) return;
  const host = currentHost(found.host);
  const { folder = await unreadFolder(services, host, job?.spec) } = (options ?? {}) as {
    readonly folder?: string;
  };
  if (typeof folder === 'string' && folder !== '') {
    if ((await mapFolder(host, folder)) && job !== undefined) await offerRunAgain(job);
    return;
  }
  const title = t('Edit {0}', hostLabel(host));
  const folders = Object.entries(host.pathMap ?? {}).map(([from, to]) => `${from} = ${to}`);
  const edit = await choose<Edit>(title, [
    { label: t('Address'), description: host.url, icon: 'globe', value: editAddress },
    { label: t('User'), description: host.user ?? t('none'), icon: 'account', value: editUser },
    { label: t('Password'), icon: 'key', value: editPassword },
    { label: t('Name'), description: host.name ?? '', icon: 'tag', value: editName },
    {
      label: t('Folders of the Host on This Machine'),
      description: folders.join('; '),
      detail: t(
        'Where the host’s disks can be opened as files: through a share, or on the host itself',
      ),
      icon: 'folder',
      value: editFolders,
    },
    {
      label: t('Folder for Exports'),
      description: host.exportDirectory ?? '',
      detail: t('Where the host writes exports when its disks cannot be opened as files'),
      icon: 'export',
      value: editExports,
    },
    ...(host.url.toLowerCase().startsWith('https:')
      ? [
          {
            label: t('Certificate'),
            description: host.fingerprint ?? t('as this machine’s authorities say'),
            icon: 'lock',
            value: editCertificate,
          },
        ]
      : []),
  ]);
  await edit?.(services, host, title);
};

const hostOfJob = (spec: JobSpec): string =>
  spec.kind === 'backup' || spec.kind === 'export' ? spec.host : '';

/** Returns the folder of the host that keeps a backup from reading its disks, by the plan as it would be today. */
async function unreadFolder(
  services: Services,
  host: HostSetting,
  spec: JobSpec | undefined,
): Promise<string | undefined> {
  if (spec?.kind !== 'backup') return undefined;
  const target = await mustHaveTarget(services, host);
  const { vm, store } = spec;
  const { kind, ...others } = spec.options;
  const options = { ...others, ...hostOptions(host) };
  const params = { target, vm, store, options };
  const { plan } = (await services.engine.request(requests.planBackup, params))[kind];
  return plan?.methods.find(({ method }) => method === plan.method)?.folders[0];
}

async function offerRunAgain(job: JobInfo): Promise<void> {
  const again = t('Run Again');
  const chosen = await sayInfo(t('The folder is mapped.'), again);
  if (chosen === again) await vscode.commands.executeCommand('refpoint.runAgain', jobNode(job));
}

const editAddress: Edit = async (services, host, title) => {
  const url = await askAddress(title, host.url);
  if (url === undefined || url === host.url) return;
  // Another address has another certificate: it is looked at anew.
  const { fingerprint: _, ...rest } = host;
  await replace(services, host, { ...rest, url });
};

const editUser: Edit = async (services, host, title) => {
  const user = await askUser(title, host.user);
  if (user === undefined || user === host.user) return;
  await replace(services, host, { ...host, user });
};

const editPassword: Edit = async (services, host) => {
  if ((await services.connections.login(host)) !== undefined) await connectTo(services, host);
};

const editName: Edit = async (_services, host, title) => {
  const prompt = t('What the tree calls it; empty: its address');
  const name = await askText({ title, prompt, value: host.name ?? '', validate: () => undefined });
  if (name === undefined) return;
  const { name: _, ...rest } = host;
  await saveHost(name.trim() === '' ? rest : { ...rest, name: name.trim() }, host);
};

const editFolders: Edit = async (_services, host, title) => {
  const pathMap = await editPathMap(title, host.pathMap ?? {});
  if (pathMap === undefined) return;
  const { pathMap: _, ...rest } = host;
  await saveHost(Object.keys(pathMap).length === 0 ? rest : { ...rest, pathMap }, host);
};

export const editExports: Edit = async (_services, host, title) => {
  const typed = await askText({
    title,
    prompt: t('Folder on the host, in the host’s spelling; empty: none'),
    value: host.exportDirectory ?? '',
    placeHolder: 'D:\\Exports',
    validate: (text) => (text.trim() === '' ? undefined : hostPathProblem(text)),
  });
  if (typed === undefined) return;
  const { exportDirectory: _, ...rest } = host;
  const exportDirectory = typed.trim();
  await saveHost(exportDirectory === '' ? rest : { ...rest, exportDirectory }, host);
};

const editCertificate: Edit = async (services, host) => reviewCertificate(services, host);

/** Saves a host under another key. The old one’s password goes: it is never sent to the new address or for the new user. */
async function replace(services: Services, old: HostSetting, host: HostSetting): Promise<void> {
  const taken =
    hostKey(host) !== hostKey(old) && readHosts().some((each) => hostKey(each) === hostKey(host));
  if (taken) {
    void sayInfo(t('{0} is in the list already.', hostLabel(host)));
    return;
  }
  const node = services.hosts.hostOf(old);
  if (node !== undefined) services.hosts.disconnect(node.id);
  await services.passwords.forget(old);
  await saveHost(host, old);
  await connectTo(services, host);
}
