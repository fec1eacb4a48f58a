import { isPortableFileName } from '../../../source/platform/path-flavour.ts';
import { TEMPORARY_PREFIX } from '../../../source/folders/place-file.ts';
import { storeError } from './store-errors.ts';

const MAX_DEPTH = 8;

/**
 * The parts of a store path: relative, `/` between them, each a name that every platform takes as it
 * stands. Refused with `store.path`: `..`, absolute and drive paths, backslashes, device names, names
 * of temporary files. '' is the root, allowed only where `root` says so.
 */
export function storePathParts(path: string, root: 'root' | 'no root'): readonly string[] {
  if (path === '' && root === 'root') return [];
  const parts = path.split('/');
  const bad = parts.find((part) => !isPortableFileName(part) || isTemporary(part));
  if (bad !== undefined || parts.length > MAX_DEPTH) {
    throw storeError('store.path', `“${path.slice(0, 200)}” is no path of a store`, {
      data: { path: path.slice(0, 200) },
    });
  }
  return parts;
}

/** Names of unfinished files; lower or upper case, as Windows does not tell them apart. */
export const isTemporary = (name: string): boolean =>
  name.toLowerCase().startsWith(TEMPORARY_PREFIX);
