import { virtdiskError } from '../contract/virtdisk-errors.ts';

/** Maximum number of characters of a path (UNICODE_STRING). */
const MAX_PATH = 32_767;

/**
 * Refuses paths that Windows would read as another one: relative ones, and those with a NUL, behind
 * which it would not read on. Throws `virtdisk.path`.
 */
export function checkImagePath(path: string): void {
  const absolute = /^(?:[a-z]:[\\/]|\\\\)/i.test(path);
  if (absolute && !path.includes('\0') && path.length <= MAX_PATH) return;
  throw virtdiskError('virtdisk.path', `Not an absolute path of Windows: ${JSON.stringify(path)}`, {
    data: { path },
  });
}
