import * as vscode from 'vscode';
import { currentHost, hostLabel, saveHost, type HostSetting } from '../settings/hosts.ts';
import { askFolder, expandHome, folderProblem } from '../ask/ask-folder.ts';
import { choose } from '../ask/choose.ts';
import { parseUnc } from '../settings/file-servers.ts';
import { hostPathProblem } from './host-path.ts';

const { t } = vscode.l10n;

type PathMap = Readonly<Record<string, string>>;

/** Asks where a folder of the host lies here, and saves it. Returns whether it was mapped. */
export async function mapFolder(host: HostSetting, folder: string): Promise<boolean> {
  const now = currentHost(host);
  const title = t('Map a folder of {0}', hostLabel(now));
  const mapping = await askMapping(
    title,
    t('Folder on the host = where it lies here, or a share'),
    folder,
    '',
  );
  if (mapping === undefined || mapping === null) return false;
  const { pathMap = {}, ...rest } = currentHost(host);
  await saveHost({ ...rest, pathMap: { ...pathMap, [mapping.from]: mapping.to } }, host);
  return true;
}

/** Asks for one mapping: a new one, or another in the place of one. An empty text removes it. Returns undefined if it is cancelled. */
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
  const prompt =
    chosen === ''
      ? t('Folder on the host = where it lies here, or a share')
      : t('Folder on the host = where it lies here, or a share; empty: forget it');
  const mapping = await askMapping(title, prompt, chosen, map[chosen] ?? '', chosen !== '');
  if (mapping === undefined) return undefined;
  const others = Object.fromEntries(entries.filter(([from]) => from !== chosen));
  return mapping === null ? others : { ...others, [mapping.from]: mapping.to };
}

interface Mapping {
  readonly from: string;
  readonly to: string;
}

/** Returns null if the text was emptied and that is allowed, undefined if the user cancelled. */
async function askMapping(
  title: string,
  prompt: string,
  from: string,
  to: string,
  mayBeEmpty = false,
): Promise<Mapping | null | undefined> {
  const typed = await askFolder({
    title,
    prompt,
    value: from === '' ? '' : `${from} = ${to}`,
    placeHolder:
      process.platform === 'win32' ? 'C:\\VMs = \\\\hv01\\VMs' : 'C:\\VMs = /mnt/hv01-vms',
    openLabel: t('Map to This Folder'),
    validate: (text) => (mayBeEmpty && text.trim() === '' ? undefined : mappingProblem(text)),
    // The part on the host stays as it was typed.
    withFolder: (text, folder) => `${parseMapping(`${text}=`)?.from ?? ''} = ${folder}`,
  });
  return typed === undefined ? undefined : (parseMapping(typed) ?? null);
}

function parseMapping(text: string): Mapping | undefined {
  const at = text.indexOf('=');
  if (at < 0) return undefined;
  return { from: text.slice(0, at).trim(), to: expandHome(text.slice(at + 1).trim()) };
}

function mappingProblem(text: string): string | undefined {
  const mapping = parseMapping(text);
  if (mapping === undefined) return t('Write both folders with = between them');
  const isShare = parseUnc(mapping.to) !== undefined;
  return hostPathProblem(mapping.from) ?? (isShare ? undefined : folderProblem(mapping.to));
}
