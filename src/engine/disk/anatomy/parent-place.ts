/**
 * Where a path of a parent locator leads, by its text alone; nothing is looked up. On Windows the mere attempt to open a
 * path of another machine logs in there as the person, so everything that is not certainly local counts as remote.
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

/** The names of a relative path, without those that stand for the folder itself. */
export function namesOf(text: string): readonly string[] {
  return text.split(/[\\/]/).filter((name) => name !== '' && name !== '.');
}
