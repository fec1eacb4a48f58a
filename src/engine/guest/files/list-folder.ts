import type { GuestFile } from '../../api/guest/guest-files.ts';
import { isEngineError } from '../../base/errors.ts';
import { guestError } from '../bytes/guest-errors.ts';
import { MAX_ENTRIES, type GuestEntry, type GuestNode } from '../contract/guest-files.ts';
import type { FoundPath } from './find-path.ts';

/** Part of a list. */
export interface ListedFiles {
  readonly total: number;
  readonly entries: readonly GuestFile[];
}

/** Returns the entries of a folder by name. Throws `guest.limit` for more than a million. */
export async function sortedEntries(
  folder: GuestNode,
  signal: AbortSignal,
): Promise<readonly GuestEntry[]> {
  const entries: GuestEntry[] = [];
  for await (const entry of folder.entries(signal)) {
    signal.throwIfAborted();
    if (entries.length >= MAX_ENTRIES) {
      throw guestError('guest.limit', `A folder has more than ${MAX_ENTRIES} entries`);
    }
    entries.push(entry);
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Lists a part of a folder by name, or one file. Entries after a damaged one are listed, too. */
export async function listFolder(
  { node, name }: FoundPath,
  from: number,
  count: number,
  signal: AbortSignal,
): Promise<ListedFiles> {
  if (node.kind !== 'folder') return { total: 1, entries: from > 0 ? [] : [fileOf(name, node)] };
  const all = await sortedEntries(node, signal);
  const entries: GuestFile[] = [];
  for (const entry of all.slice(from, from + count)) entries.push(await describe(entry, signal));
  return { total: all.length, entries };
}

async function describe(entry: GuestEntry, signal: AbortSignal): Promise<GuestFile> {
  try {
    return fileOf(entry.name, await entry.node(signal));
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    const problem = { code: error.code, message: error.message };
    return { ...UNREAD, name: entry.name, problem };
  }
}

const UNREAD = {
  kind: 'other',
  size: 0,
  modified: null,
  target: null,
  notes: [],
  streams: [],
} as const;

const fileOf = (
  name: string,
  { kind, size, modified, target, notes, streams }: GuestNode,
): GuestFile => ({ name, kind, size, modified, target, notes, streams, problem: null });
