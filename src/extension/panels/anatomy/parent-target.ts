import path from 'node:path';
import type { ParentCandidate } from '../../../engine/api/anatomy.ts';

/** Action when the user wants to see a parent. */
export type ParentTarget =
  /** It lies inside the file's own folder, or is the point before in the same store: opened at once. */
  | { readonly kind: 'found'; readonly path: string }
  /** It lies anywhere else: opened after a question that names it. `remote`: on another machine, where opening it logs in. */
  | { readonly kind: 'ask'; readonly path: string; readonly remote: boolean }
  /** A Windows path on a machine that does not run Windows: it cannot be opened here. */
  | { readonly kind: 'foreign' }
  /** It should lie beside the file, or in its store, and was not found there. */
  | { readonly kind: 'missing'; readonly inStore: boolean };

/** Returns the target of a parent from its text alone, without file access. */
export function parentTarget(
  { key, text, place, found }: ParentCandidate,
  file: string,
  platform: NodeJS.Platform,
): ParentTarget {
  if (place === 'beside' || place === 'store') {
    return found === null
      ? { kind: 'missing', inStore: place === 'store' }
      : { kind: 'found', path: found };
  }
  const windows = platform === 'win32';
  const absolute = /^[\\/]|^[a-z]:/i.test(text);
  if (key !== 'relative_path' || place === 'remote' || absolute || text.includes('\0')) {
    if (!windows || text.includes('\0')) return { kind: 'foreign' };
    return { kind: 'ask', path: text, remote: place === 'remote' };
  }
  const flavour = windows ? path.win32 : path.posix;
  const own = windows ? text : text.replaceAll('\\', '/');
  return { kind: 'ask', path: flavour.resolve(flavour.dirname(file), own), remote: false };
}
