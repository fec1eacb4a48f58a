import * as vscode from 'vscode';
import { confirm } from '../../ask/messages.ts';
import { isApproved, serverOf } from '../../settings/file-servers.ts';
import { currentHost, hostLabel, saveHost, type HostSetting } from '../../settings/hosts.ts';

const { t } = vscode.l10n;

/**
 * Asks before a file server is contacted for the first time, which receives a proof of the account’s password, and
 * keeps the answer with the host. Asks nothing for the host itself and for servers that were approved. Returns whether it may be contacted.
 * @param why sentence on what is looked for there
 */
export async function approveServer(
  host: HostSetting,
  server: string,
  why: string,
): Promise<boolean> {
  const now = currentHost(host);
  if (isApproved(now, server)) return true;
  const lines = [
    why,
    t(
      '{0} would receive a proof of the password of {1}. It is another server than {2}, the host itself.',
      server,
      now.user ?? t('the user who is logged on'),
      serverOf(now),
    ),
    t('The answer is kept with {0}; Edit Host… removes it.', hostLabel(now)),
  ];
  const question = t('Contact the file server {0}?', server);
  if (!(await confirm(question, lines, t('Contact This Server')))) return false;
  const { fileServers = [], ...rest } = currentHost(host);
  await saveHost({ ...rest, fileServers: [...fileServers, server] }, host);
  return true;
}
