/** The shells that people paste into, as far as their quoting differs. */
export type Shell = 'posix' | 'fish' | 'powershell' | 'cmd';

/** By the program that the editor opens terminals with. */
export function shellOf(program: string, platform: NodeJS.Platform): Shell {
  const name = (program.split(/[\\/]/).at(-1) ?? '').toLowerCase().replace(/\.exe$/, '');
  if (name === 'fish') return 'fish';
  if (name === 'pwsh' || name === 'powershell') return 'powershell';
  if (name === 'cmd') return 'cmd';
  if (name !== '') return 'posix';
  return platform === 'win32' ? 'powershell' : 'posix';
}

/**
 * A line that hands these words over as they are: whatever a host calls its things, nothing of it is run or expanded. undefined where
 * that cannot be had: for control characters, and on Windows, where the command is a batch file, for what cmd makes more of.
 */
export function shellLine(words: readonly string[], shell: Shell): string | undefined {
  const windows = shell === 'powershell' || shell === 'cmd';
  const unsafe = windows ? /["%&|<>^!\p{Cc}]/u : /\p{Cc}/u;
  if (words.some((word) => unsafe.test(word))) return undefined;
  return words.map((word) => quoted(word, shell)).join(' ');
}

function quoted(word: string, shell: Shell): string {
  // A comma makes a list of PowerShell's words, and `@` spreads one.
  const plain = shell === 'powershell' ? /^[\w./:=+-]+$/ : /^[\w./:@=,+-]+$/;
  if (plain.test(word)) return word;
  switch (shell) {
    case 'posix':
      return `'${word.replaceAll("'", `'\\''`)}'`;
    case 'fish':
      return `'${word.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
    case 'powershell':
      // Typographic quotes end a string there, too.
      return `'${(/\s/.test(word) ? closed(word) : word).replaceAll(/['‘’‚‛]/g, '$&$&')}'`;
    case 'cmd':
      return `"${closed(word)}"`;
  }
}

/** Within the double quotes that the program sees, where a backslash before the last would make it part of the word. */
const closed = (word: string): string => word.replace(/\\+$/, '$&$&');
