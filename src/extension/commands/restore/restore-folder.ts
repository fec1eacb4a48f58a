import * as vscode from 'vscode';
import { askText } from '../../ask/ask-text.ts';
import { hostPathProblem } from '../../hosts/host-path.ts';
import { hostLabel, pathMapOf, type HostSetting } from '../../settings/hosts.ts';

const { t } = vscode.l10n;

/** Longest part of a suggested path, so that the files below it stay within Windows' limit. */
const LONGEST = 60;

/** Suggests a folder of a host for a new VM, below the first folder that is mapped to a local one; '' without such a folder. */
export function folderSuggestion(
  host: HostSetting,
  vm: { readonly id: string; readonly name: string },
): string {
  const [first] = pathMapOf(host).filter(({ local }) => !local.startsWith('\\\\'));
  if (first === undefined) return '';
  return `${first.host.replace(/\\+$/, '')}\\Restored\\${fileName(vm.name) || vm.id}`;
}

/** Returns a name without what Windows refuses in names of files. */
const fileName = (name: string): string =>
  name
    .replaceAll(/[<>:"/\\|?*\p{C}]/gu, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .slice(0, LONGEST)
    .replaceAll(/^[ .]+|[ .]+$/g, '');

/** Folder on a host for a new VM. Returns undefined if it is cancelled. */
export const askHostFolder = (host: HostSetting, value: string): Promise<string | undefined> =>
  askText({
    title: t('Folder on {0}', hostLabel(host)),
    prompt: t('Folder of the host for the files of the new VM; made if it is new'),
    value,
    placeHolder: 'D:\\VMs\\web01',
    validate: hostPathProblem,
  }).then((text) => text?.trim());
