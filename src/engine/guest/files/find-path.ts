import { guestError } from '../bytes/guest-errors.ts';
import type { GuestFiles, GuestNode } from '../contract/guest-files.ts';

/** Windows opens no path with more parts, since it has at most 32,767 characters. */
const MAX_PARTS = 1024;

/** A file that a path names. */
export interface FoundPath {
  /** In one spelling: `/` and names as the file system has them. */
  readonly path: string;
  /** Last name; `/` for the root. */
  readonly name: string;
  /** Named stream of an NTFS file; null: its contents. */
  readonly stream: string | null;
  readonly node: GuestNode;
}

/**
 * Finds the file of a path from the root. `.` stays and `..` leads to the parent; links are not
 * followed. On FAT and NTFS `\` separates, too, case does not matter unless two names differ only by
 * it, and `name:stream` names a stream. Throws `guest.notFound`, `guest.notFolder`.
 */
export async function findPath(
  files: GuestFiles,
  text: string,
  signal: AbortSignal,
): Promise<FoundPath> {
  const { parts, stream } = partsOf(text, files.windows);
  const names: string[] = [];
  let node = await files.root(signal);
  for (const part of parts) {
    const found = await findEntry(node, part, files.windows, signal);
    if (found === undefined) {
      const message = `Not found: ${part} in /${names.join('/')}`;
      throw guestError('guest.notFound', message, { data: { path: text, found: part } });
    }
    names.push(found.name);
    node = await found.node(signal);
  }
  return { path: `/${names.join('/')}`, name: names.at(-1) ?? '/', stream, node };
}

function partsOf(
  text: string,
  windows: boolean,
): { readonly parts: readonly string[]; readonly stream: string | null } {
  const parts: string[] = [];
  let stream: string | null = null;
  const whole = windows ? text.replaceAll('\\', '/') : text;
  const colon = windows ? whole.indexOf(':', whole.lastIndexOf('/') + 1) : -1;
  if (colon >= 0) stream = whole.slice(colon + 1);
  for (const part of (colon < 0 ? whole : whole.slice(0, colon)).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  if (parts.length > MAX_PARTS) {
    throw guestError('guest.notFound', `The path has ${parts.length} parts: expected ${MAX_PARTS}`);
  }
  return { parts, stream: stream === '' ? null : stream };
}

/** Finds a name in a folder: as it is, or else without regard to case, or by its short name. */
async function findEntry(
  folder: GuestNode,
  name: string,
  windows: boolean,
  signal: AbortSignal,
): Promise<{ readonly name: string; node(signal: AbortSignal): Promise<GuestNode> } | undefined> {
  const wanted = name.toUpperCase();
  let similar;
  for await (const entry of folder.entries(signal)) {
    if (entry.name === name) return entry;
    if (!windows || similar !== undefined) continue;
    if (entry.name.toUpperCase() === wanted || entry.alias?.toUpperCase() === wanted)
      similar = entry;
  }
  return similar;
}
