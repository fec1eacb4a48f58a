import * as vscode from 'vscode';
import { askText } from '../../ask/ask-text.ts';
import { choose } from '../../ask/choose.ts';
import { isServerName } from '../../settings/file-access-fields.ts';
import { approvedServers, parseUnc, serverOf } from '../../settings/file-servers.ts';
import type { HostSetting } from '../../settings/hosts.ts';

const { t } = vscode.l10n;

/** Asks which file server, or which share, is tested: empty for the host itself. Returns undefined if it is cancelled. */
export async function askPlace(title: string, host: HostSetting): Promise<string | undefined> {
  const own = serverOf(host);
  const mapped = Object.entries(host.pathMap ?? {}).filter(
    ([, local]) => parseUnc(local) !== undefined,
  );
  const chosen = await choose<string | null>(
    title,
    [
      { label: own, description: t('the host itself'), icon: 'server-environment', value: '' },
      ...mapped.map(([folder, share]) => ({
        label: share,
        description: t('where {0} is mapped', folder),
        icon: 'folder',
        value: share,
      })),
      ...approvedServers(host).map((server) => ({
        label: server,
        description: t('approved file server'),
        icon: 'server',
        value: server,
      })),
      { label: t('Another Share…'), icon: 'add', value: null },
    ],
    { always: true, placeHolder: t('File server or share to log in to') },
  );
  if (chosen !== null) return chosen;
  const typed = await askText({
    title,
    prompt: t('Share or server whose files are to be read, such as {0}', `\\\\${own}\\VMs`),
    value: `\\\\${own}\\`,
    validate: placeProblem,
  });
  return typed?.trim();
}

function placeProblem(text: string): string | undefined {
  const trimmed = text.trim();
  if (parseUnc(trimmed) !== undefined || isServerName(trimmed)) return undefined;
  return t('A share such as {0}, or the name of a server, is needed', '\\\\hv01\\VMs');
}
