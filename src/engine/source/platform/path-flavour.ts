import { posix, win32 } from 'node:path';

/**
 * The logic of paths without touching a disk, in both spellings on every platform: a test on Linux
 * tries what a Windows machine will do, and a Windows path from a host is taken apart on a Mac.
 */
export type PathFlavour = 'win32' | 'posix';

/** Windows takes 260 characters without the prefix, and a folder must leave room for an 8.3 name. */
const LONG_PATH = 240;

/** What no Windows file can be called, with or without an extension. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/** Refused in names by Windows, or of special meaning to shells and to our own paths. */
// oxlint-disable-next-line no-control-regex -- control characters are exactly what must go
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f<>:"/\\|?*]/g;

const MAX_NAME_BYTES = 120;

/**
 * A name for a file that every platform accepts, as near to `name` as that allows: no separators,
 * control characters or characters that Windows refuses, no trailing dots or blanks, no device names,
 * no leading dot, at most 120 bytes of UTF-8, normalised (NFC). Never empty.
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

/** Whether `name` can be a file's name as it stands, on every platform. */
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

/** The longest start of `text` that fits `limit` bytes of UTF-8, never half a character. */
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
 * The spelling under which Windows opens a path of any length: absolute paths over 240 characters get
 * the prefix `\\?\` (`\\?\UNC\` for shares). Everything else, and every POSIX path, stays as it is.
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
 * How a child image names its parent in a VHDX parent locator's `relative_path`: from the child's
 * folder, with backslashes, beginning with `.\` or `..\`. Undefined where no relative path leads there
 * (another drive or share, or the child itself). Both paths must be absolute, or both relative to one folder.
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
