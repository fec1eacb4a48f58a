import * as vscode from 'vscode';
import { DEFAULT_SMB, SMB_ENCRYPTIONS, type SmbSettings } from '../../../engine/api/host.ts';
import { askText } from '../../ask/ask-text.ts';
import { choose } from '../../ask/choose.ts';
import { isServerName } from '../../settings/file-access-fields.ts';
import { approvedServers } from '../../settings/file-servers.ts';
import { saveHost, type HostSetting } from '../../settings/hosts.ts';
import type { Edit } from './host-edits.ts';

const { t } = vscode.l10n;

const ENCRYPTIONS: Readonly<Record<SmbSettings['encryption'], () => string>> = {
  wanted: () => t('encrypted if the server can'),
  required: () => t('always encrypted'),
  off: () => t('signed only'),
};

const encryptionOf = ({ smbEncryption = DEFAULT_SMB.encryption }: HostSetting): string =>
  ENCRYPTIONS[smbEncryption]();

const portOf = ({ smbPort = DEFAULT_SMB.port }: HostSetting): string => String(smbPort);

/** The settings about access to files in one line. */
export const fileAccessText = (host: HostSetting): string =>
  [encryptionOf(host), t('port {0}', portOf(host)), ...approvedServers(host)].join(' · ');

/** Asks which setting about access to files to change, then for the new value. */
export const editFileAccess: Edit = async (services, host, title) => {
  const { fileServers = [] } = host;
  const edit = await choose<Edit>(title, [
    {
      label: t('Encryption'),
      description: encryptionOf(host),
      icon: 'lock',
      value: editEncryption,
    },
    { label: t('Port of SMB'), description: portOf(host), icon: 'plug', value: editPort },
    {
      label: t('Approved File Servers'),
      description: fileServers.length === 0 ? t('none') : fileServers.join(', '),
      detail: t(
        'Besides the host, and servers of mapped folders: each receives a proof of the password',
      ),
      icon: 'server',
      value: editServers,
    },
  ]);
  await edit?.(services, host, title);
};

const editEncryption: Edit = async (_services, host, title) => {
  const items = SMB_ENCRYPTIONS.map((value) => ({ label: ENCRYPTIONS[value](), value }));
  const chosen = await choose(title, items);
  if (chosen === undefined) return;
  const { smbEncryption: _, ...rest } = host;
  const usual = chosen === DEFAULT_SMB.encryption;
  await saveHost(usual ? rest : { ...rest, smbEncryption: chosen }, host);
};

const editPort: Edit = async (_services, host, title) => {
  const typed = await askText({
    title,
    prompt: t('Port of SMB; empty: {0}', DEFAULT_SMB.port),
    value: portOf(host),
    validate: (text) =>
      text.trim() === '' || isPort(text)
        ? undefined
        : t('A whole number from 1 to 65535 is needed'),
  });
  if (typed === undefined) return;
  const { smbPort: _, ...rest } = host;
  const port = typed.trim() === '' ? DEFAULT_SMB.port : Number(typed);
  await saveHost(port === DEFAULT_SMB.port ? rest : { ...rest, smbPort: port }, host);
};

const isPort = (text: string): boolean =>
  /^\s*\d{1,5}\s*$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

const editServers: Edit = async (_services, host, title) => {
  const typed = await askText({
    title,
    prompt: t(
      'File servers that may be contacted besides the host, separated by commas; empty: none',
    ),
    value: (host.fileServers ?? []).join(', '),
    placeHolder: t('files01, files02.corp.example'),
    validate: (text) => {
      const wrong = namesIn(text).find((name) => !isServerName(name));
      return wrong === undefined ? undefined : t('{0} is not the name of a server', wrong);
    },
  });
  if (typed === undefined) return;
  const { fileServers: _, ...rest } = host;
  const names = namesIn(typed);
  await saveHost(names.length === 0 ? rest : { ...rest, fileServers: names }, host);
};

const namesIn = (text: string): string[] => [
  ...new Set(text.split(/[\s,;]+/).filter((name) => name !== '')),
];
