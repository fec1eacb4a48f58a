/**
 * Classifies a path of a parent locator by its text alone, without any lookup. On Windows even an
 * attempt to open a path of another machine sends the user's login to it, so everything that is not
 * certainly local counts as remote.
 */
export function placeOfPath(text: string): 'beside' | 'elsewhere' | 'remote' {
  const slashed = text.replaceAll('/', '\\');
  if (slashed.startsWith('\\\\') || slashed.startsWith('\\??\\')) {
    const local = /^\\(?:\\[?.]|\?\?)\\(?:[a-z]:|volume\{[0-9a-f-]{36}\})(?:\\|$)/i;
    return local.test(slashed) ? 'elsewhere' : 'remote';
  }
  if (slashed.startsWith('\\') || slashed.includes(':') || slashed.includes('\0')) {
    return 'elsewhere';
  }
  const names = namesOf(text);
  return names.length === 0 || names.includes('..') ? 'elsewhere' : 'beside';
}

/** Returns the names of a relative path, without `.`. */
export function namesOf(text: string): readonly string[] {
  return text.split(/[\\/]/).filter((name) => name !== '' && name !== '.');
}
