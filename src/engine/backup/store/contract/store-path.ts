import { isPortableFileName } from '../../../source/platform/path-flavour.ts';
import { TEMPORARY_PREFIX } from '../../../source/folders/place-file.ts';
import { storeError } from './store-errors.ts';

const MAX_DEPTH = 8;

/**
 * Splits a store path into its parts: relative, separated by `/`, each a name that is valid on
 * every platform. '' is the root, allowed only with `root`. Throws `store.path` for `..`, absolute
 * and drive paths, backslashes, device names, and names of temporary files.
 */
export function storePathParts(path: string, root: 'root' | 'no root'): readonly string[] {
  if (path === '' && root === 'root') return [];
  const parts = path.split('/');
  const bad = parts.find((part) => !isPortableFileName(part) || isTemporary(part));
  if (bad !== undefined || parts.length > MAX_DEPTH) {
    throw storeError('store.path', `“${path.slice(0, 200)}” is not a valid path in a store`, {
      data: { path: path.slice(0, 200) },
    });
  }
  return parts;
}

/** Whether a name is that of an unfinished file, in any case, since Windows ignores case. */
export const isTemporary = (name: string): boolean =>
  name.toLowerCase().startsWith(TEMPORARY_PREFIX);
