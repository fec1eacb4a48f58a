import * as vscode from 'vscode';
import { folderProblem } from './ask-folder.ts';
import { askText } from './ask-text.ts';
import { choose } from './choose.ts';
import { hostPathProblem } from './host-path.ts';

const { t } = vscode.l10n;

type PathMap = Readonly<Record<string, string>>;

/** Asks for one mapping: a new one, or another in the place of one. An empty text removes it. undefined: given up. */
export async function editPathMap(title: string, map: PathMap): Promise<PathMap | undefined> {
  const entries = Object.entries(map);
  const chosen =
    entries.length === 0
      ? ''
      : await choose(
          title,
          [
            ...entries.map(([from, to]) => ({
              label: `${from} = ${to}`,
              icon: 'folder',
              value: from,
            })),
            { label: t('Add Folder…'), icon: 'add', value: '' },
          ],
          { always: true },
        );
  if (chosen === undefined) return undefined;
  const typed = await askText({
    title,
    prompt:
      chosen === ''
        ? t('Folder on the host = where it lies here')
        : t('Folder on the host = where it lies here; empty: forget it'),
    value: chosen === '' ? '' : `${chosen} = ${map[chosen]}`,
    placeHolder:
      process.platform === 'win32' ? 'C:\\VMs = \\\\hv01\\VMs' : 'C:\\VMs = /mnt/hv01-vms',
    validate: (text) => (chosen !== '' && text.trim() === '' ? undefined : mappingProblem(text)),
  });
  if (typed === undefined) return undefined;
  const others = Object.fromEntries(entries.filter(([from]) => from !== chosen));
  const mapping = parseMapping(typed);
  return mapping === undefined ? others : { ...others, [mapping.from]: mapping.to };
}

function parseMapping(text: string): { readonly from: string; readonly to: string } | undefined {
  const at = text.indexOf('=');
  if (at < 0) return undefined;
  return { from: text.slice(0, at).trim(), to: text.slice(at + 1).trim() };
}

export function mappingProblem(text: string): string | undefined {
  const mapping = parseMapping(text);
  if (mapping === undefined) return t('Write both folders with = between them');
  return hostPathProblem(mapping.from) ?? folderProblem(mapping.to);
}
