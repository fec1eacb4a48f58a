import * as vscode from 'vscode';
import type { GuestFile, GuestList } from '../../../engine/api/guest/guest-files.ts';
import type { Item } from '../../ask/choose.ts';
import { formatBytes } from '../../words/format.ts';

const { t } = vscode.l10n;

/** A row's action: enter a folder, copy a path, or show other entries of this folder. */
export type FileChoice =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'copy'; readonly path: string }
  | { readonly kind: 'page'; readonly from: number };

const ICONS = { file: 'file', folder: 'folder', link: 'link', other: 'circle-slash' } as const;

/** Rows of a folder: the way up, the folder as a whole, its entries, and the next page of a large one. */
export function fileItems({ path, entries, total }: GuestList, from: number): Item<FileChoice>[] {
  const here = path === '/' ? '' : path;
  const items: Item<FileChoice>[] = [
    {
      label: t('Copy This Folder To…'),
      description: path,
      icon: 'save-all',
      value: { kind: 'copy', path },
    },
  ];
  if (path !== '/') {
    const parent = path.slice(0, path.lastIndexOf('/')) || '/';
    const value = { kind: 'folder', path: parent } as const;
    items.push({ label: '..', description: parent, icon: 'arrow-up', value });
  }
  items.push(...entries.map((entry) => fileItem(entry, `${here}/${entry.name}`)));
  const next = from + entries.length;
  if (next < total) {
    const label = t('More: {0} of {1} are shown', next, total);
    items.push({ label, icon: 'ellipsis', value: { kind: 'page', from: next } });
  }
  return items;
}

function fileItem(file: GuestFile, path: string): Item<FileChoice> {
  const { name, kind, size, modified, target, notes, problem } = file;
  const facts = [
    kind === 'file' ? formatBytes(size) : '',
    modified?.slice(0, 16).replace('T', ' ') ?? '',
    target === null ? '' : `→ ${target}`,
    ...notes.map((note) => NOTES[note]()),
    problem?.message ?? '',
  ];
  return {
    label: name,
    description: facts.filter(Boolean).join(' · '),
    icon: problem === null ? ICONS[kind] : 'warning',
    value: { kind: kind === 'folder' ? 'folder' : 'copy', path },
  };
}

const NOTES = {
  compressed: () => t('compressed'),
  encrypted: () => t('encrypted'),
  sparse: () => t('sparse'),
  offline: () => t('stored elsewhere'),
} as const;
