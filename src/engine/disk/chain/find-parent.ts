import fs from 'node:fs/promises';
import path from 'node:path';
import { entriesNamed } from '../../source/files/folder-entries.ts';
import type { ParentLink } from '../image/image.ts';

/** Maximum number of files tried as parents of one image, and of names in a path of its link. */
const MAX_CANDIDATES = 64;
const MAX_NAMES = 256;

/**
 * Yields the files that may be the parent of a differencing image, the likeliest first: in the
 * search folders, at the relative path, and beside the child by the base name. Names are compared
 * regardless of case and Unicode form. The caller compares identities to decide whether a file is
 * the parent. Never follows absolute paths and volume paths: the author of the image could choose
 * which file, or which server, is opened.
 */
export async function* parentCandidates(
  childPath: string,
  link: ParentLink,
  search: readonly string[],
): AsyncGenerator<string> {
  const seen = new Set<string>();
  for await (const candidate of allCandidates(childPath, link, search)) {
    const key = path.resolve(candidate);
    if (seen.has(key)) continue;
    seen.add(key);
    yield candidate;
    if (seen.size >= MAX_CANDIDATES) return;
  }
}

async function* allCandidates(
  childPath: string,
  link: ParentLink,
  search: readonly string[],
): AsyncGenerator<string> {
  const folder = path.dirname(childPath);
  const relative = relativeNames(link.relativePath);
  if (link.exact === true) {
    if (relative === undefined) return;
    for (const place of [folder, ...search]) yield* filesAt(place, relative);
    return;
  }
  const names = baseNames(link);
  for (const place of search) {
    // The search folder may contain the folders of the relative path: points of a store have files
    // with equal names.
    const below = relative?.filter((name) => name !== '..') ?? [];
    for (const tail of [below, ...names.map((name) => [name])]) {
      yield* othersThan(childPath, filesAt(place, tail));
    }
  }
  if (relative !== undefined) yield* filesAt(folder, relative);
  for (const name of names) yield* othersThan(childPath, filesAt(folder, [name]));
}

/**
 * Points of one disk may share a file name: the file beside the child may be the child itself,
 * which is not its parent.
 */
async function* othersThan(
  childPath: string,
  files: AsyncIterable<string>,
): AsyncGenerator<string> {
  for await (const file of files) {
    if ((await fileKey(file)) !== (await fileKey(childPath))) yield file;
  }
}

/** Returns a key that is equal for all paths to one file, whatever their spelling or links. */
export async function fileKey(file: string): Promise<string> {
  const found = await fs.stat(file, { bigint: true }).catch(() => undefined);
  // A file system without inode numbers returns 0.
  if (found === undefined || found.ino === 0n) return path.resolve(file);
  return `${found.dev}:${found.ino}`;
}

/** Returns the distinct base names of all paths of the link. */
function baseNames(link: ParentLink): readonly string[] {
  const texts = [link.relativePath, link.absolutePath, link.volumePath];
  const names = texts.flatMap((text) => text?.split(/[\\/]/).at(-1) ?? []);
  return [...new Set(names)].filter((name) => isPlainName(name) && name !== '..' && name !== '.');
}

/**
 * Returns the names of a relative path, with `..` at its start only. Undefined for a path that is
 * absolute, contains a drive, device or stream, or leads to a folder.
 */
function relativeNames(text: string | undefined): readonly string[] | undefined {
  if (text === undefined || /^[\\/]/.test(text)) return undefined;
  const names: string[] = [];
  const parts = text.split(/[\\/]/);
  for (const part of parts) {
    if (part === '' || part === '.') continue;
    if (part === '..' && names.length > 0 && names.at(-1) !== '..') names.pop();
    else names.push(part);
  }
  const last = parts.at(-1) ?? '';
  const leadsToFile = last !== '' && last !== '.' && last !== '..';
  const plain = names.every((name) => name === '..' || isPlainName(name));
  return leadsToFile && plain && names.length <= MAX_NAMES ? names : undefined;
}

const isPlainName = (name: string): boolean =>
  name !== '' && !name.includes(':') && !name.includes('\0');

/** Yields the files that the names lead to from a folder, in any spelling of each name. */
async function* filesAt(
  folder: string,
  names: readonly string[],
  from = 0,
): AsyncGenerator<string> {
  const name = names[from];
  if (name === undefined) return;
  if (name === '..') {
    yield* filesAt(path.join(folder, '..'), names, from + 1);
    return;
  }
  const last = from === names.length - 1;
  for (const entry of await entriesNamed(folder, name, last ? 'file' : 'folder')) {
    const found = path.join(folder, entry);
    if (last) yield found;
    else yield* filesAt(found, names, from + 1);
  }
}
