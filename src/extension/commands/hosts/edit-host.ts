import * as vscode from 'vscode';
import type { JobInfo, JobSpec } from '../../../engine/api/jobs.ts';
import { requests } from '../../../engine/api/methods.ts';
import { isThisComputer, usesTls } from '../../settings/host-address.ts';
import { currentHost, hostLabel, type HostSetting } from '../../settings/hosts.ts';
import { sayInfo } from '../../ask/messages.ts';
import type { CommandHandler, Services } from '../../services/services.ts';
import { jobNode } from '../../nodes/node-names.ts';
import { nodeOf } from '../../nodes/nodes.ts';
import { hostOptions } from '../../choices/backup-options.ts';
import { choose } from '../../ask/choose.ts';
import { needsSecret } from '../../hosts/login/host-files.ts';
import { wayOf } from '../../hosts/login/login-ways.ts';
import { mapFolder } from '../../hosts/map-folder.ts';
import { pickHost } from '../../hosts/pick-host.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';
import { editFileAccess, fileAccessText } from './edit-file-access.ts';
import {
  editAddress,
  editAuthority,
  editCertificate,
  editExports,
  editFolders,
  editLogin,
  editName,
  editPassword,
  editUser,
  type Edit,
} from './host-edits.ts';

const { t } = vscode.l10n;

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
  const way = wayOf(host);
  const folders = Object.entries(host.pathMap ?? {}).map(([from, to]) => `${from} = ${to}`);
  const edit = await choose<Edit>(title, [
    { label: t('Address'), description: host.url, icon: 'globe', value: editAddress },
    ...(isThisComputer(host.url)
      ? []
      : [{ label: t('Login'), description: way.label(), icon: way.icon, value: editLogin }]),
    ...(way.user === 'none'
      ? []
      : [
          {
            label: t('User'),
            description: host.user ?? t('none'),
            icon: 'account',
            value: editUser,
          },
        ]),
    ...((await needsSecret(host))
      ? [
          {
            label: way.name === 'certificate' ? t('Passphrase') : t('Password'),
            icon: 'key',
            value: editPassword,
          },
        ]
      : []),
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
      label: t('Access to Files'),
      description: fileAccessText(host),
      detail: t('How the host’s disks are read over SMB, and which file servers may be contacted'),
      icon: 'file-symlink-file',
      value: editFileAccess,
    },
    {
      label: t('Folder for Exports'),
      description: host.exportDirectory ?? '',
      detail: t('Where the host writes exports when its disks cannot be opened as files'),
      icon: 'export',
      value: editExports,
    },
    ...(usesTls(host.url)
      ? [
          {
            label: t('Certificate Authority'),
            description: host.caFile ?? t('as this machine’s authorities say'),
            icon: 'verified',
            value: editAuthority,
          },
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
