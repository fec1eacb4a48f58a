import path from 'node:path';

/**
 * Path logic without disk access, for both spellings on every platform: tests on Linux check
 * Windows behaviour, and a Windows path from a host is parsed on a Mac.
 */
export type PathFlavour = 'win32' | 'posix';

/** Returns the functions of a flavour. */
export const pathsOf = (flavour: PathFlavour): path.PlatformPath =>
  flavour === 'win32' ? path.win32 : path.posix;

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
