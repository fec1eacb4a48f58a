import fs from 'node:fs/promises';
import path from 'node:path';
import type { ParentLocator } from './vhdx/parent-locator.ts';

/**
 * Where the parent of a differencing image may lie: its relative path, then its base name in the child's own
 * folder, then in the search folders, each looked up without regard to case. Absolute paths and volume paths
 * are never followed: whoever wrote the image would decide which file, or which server, is opened.
 */
export async function findParent(
  childPath: string,
  locator: ParentLocator,
  search: readonly string[],
): Promise<string | undefined> {
  const folder = path.dirname(childPath);
  for (const candidate of candidates(childPath, folder, locator, search)) {
    const found = await existing(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

function* candidates(
  childPath: string,
  folder: string,
  locator: ParentLocator,
  search: readonly string[],
): Generator<string> {
  const relative = locator.relativePath?.replaceAll('\\', '/');
  if (relative !== undefined && isPlainRelative(relative)) yield path.join(folder, relative);
  const names = [locator.relativePath, locator.absolutePath, locator.volumePath].flatMap((text) => {
    const name = text?.split(/[\\/]/).at(-1);
    return name === undefined || ['', '.', '..'].includes(name) ? [] : [name];
  });
  for (const place of [folder, ...search]) {
    for (const name of new Set(names)) {
      const candidate = path.join(place, name);
      // Points of one disk may all have one file name: the child beside itself is not its parent.
      if (!sameName(candidate, childPath)) yield candidate;
    }
  }
}

const sameName = (a: string, b: string): boolean =>
  path.resolve(a).toLowerCase() === path.resolve(b).toLowerCase();

/** Neither absolute nor with a drive, a device or a stream in it. */
function isPlainRelative(text: string): boolean {
  return !text.startsWith('/') && !text.includes(':') && !text.includes('\0');
}

async function existing(candidate: string): Promise<string | undefined> {
  const folder = path.dirname(candidate);
  const wanted = path.basename(candidate);
  let names: readonly string[];
  try {
    const entries = await fs.readdir(folder, { withFileTypes: true });
    names = entries.flatMap((entry) => (entry.isDirectory() ? [] : [entry.name]));
  } catch {
    return undefined;
  }
  const exact = names.find((name) => name === wanted);
  const name = exact ?? names.find((each) => each.toLowerCase() === wanted.toLowerCase());
  return name === undefined ? undefined : path.join(folder, name);
}
