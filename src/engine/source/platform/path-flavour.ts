import { posix, win32 } from 'node:path';

/**
 * Path logic without disk access, for both spellings on every platform: tests on Linux check
 * Windows behaviour, and a Windows path from a host is parsed on a Mac.
 */
export type PathFlavour = 'win32' | 'posix';

/**
 * Windows allows 260 characters without the prefix, and a folder must leave room for an 8.3 name.
 */
const LONG_PATH = 240;

/** Names reserved by Windows, with or without an extension. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/** Characters that Windows rejects in names, or that are special to shells and our own paths. */
// oxlint-disable-next-line no-control-regex -- control characters are exactly what must go
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f<>:"/\\|?*]/g;

const MAX_NAME_BYTES = 120;

/**
 * Returns a file name that every platform accepts, as close to `name` as possible: no separators,
 * control characters or characters that Windows rejects, no trailing dots or blanks, no device
 * names, no leading dot, at most 120 bytes of UTF-8, normalised (NFC). Never empty.
 */
export function portableFileName(name: string): string {
  const clean = name
    .normalize('NFC')
    .toWellFormed()
    .replaceAll('\ufffd', '_')
    .replace(FORBIDDEN, '_')
    .replace(/^[\s.]+/, '');
  const short = trimEnd(cutBytes(clean, MAX_NAME_BYTES));
  if (short === '') return 'disk';
  return RESERVED.test(short) ? `_${short}` : short;
}

/** Whether every platform accepts `name` unchanged as a file name. */
export function isPortableFileName(name: string): boolean {
  return (
    name !== '' &&
    new TextEncoder().encode(name).length <= 255 &&
    name.search(FORBIDDEN) < 0 &&
    trimEnd(name) === name &&
    name !== '..' &&
    name.isWellFormed() &&
    !RESERVED.test(name)
  );
}

const trimEnd = (name: string): string => name.replace(/[\s.]+$/, '');

/**
 * Returns the longest prefix of `text` that fits in `limit` bytes of UTF-8, never splitting a
 * character.
 */
function cutBytes(text: string, limit: number): string {
  let bytes = 0;
  let out = '';
  for (const character of text) {
    bytes += new TextEncoder().encode(character).length;
    if (bytes > limit) break;
    out += character;
  }
  return out;
}

/**
 * Returns the spelling that lets Windows open a path of any length: absolute paths over 240
 * characters get the prefix `\\?\` (`\\?\UNC\` for shares). All other paths, and every POSIX path,
 * stay unchanged.
 */
export function longPath(path: string, flavour: PathFlavour): string {
  if (flavour === 'posix' || path.length <= LONG_PATH || /^[\\/]{2}[?.][\\/]/.test(path)) {
    return path;
  }
  const whole = win32.normalize(path);
  if (/^[a-z]:\\/i.test(whole)) return `\\\\?\\${whole}`;
  if (/^\\\\[^\\]+\\[^\\]+/.test(whole)) return `\\\\?\\UNC\\${whole.slice(2)}`;
  return path;
}

/**
 * Returns the `relative_path` of a VHDX parent locator: the parent's path from the child's folder,
 * with backslashes, beginning with `.\` or `..\`. Undefined if no relative path exists (another
 * drive or share, or the child itself). Both paths must be absolute, or both relative to one
 * folder.
 */
export function relativeParentPath(
  child: string,
  parent: string,
  flavour: PathFlavour,
): string | undefined {
  const path = flavour === 'win32' ? win32 : posix;
  if (path.relative(child, parent) === '') return undefined;
  const relative = path.relative(path.dirname(child), parent);
  if (path.isAbsolute(relative)) return undefined;
  if (flavour === 'posix' && relative.includes('\\')) return undefined;
  const text = relative.split(path.sep).join('\\');
  return text.startsWith('..\\') ? text : `.\\${text}`;
}
