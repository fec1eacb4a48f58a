/**
 * Splits a command line into words as Windows' programs do (CommandLineToArgvW): white space
 * separates words outside of double quotes; a backslash escapes only before a double quote, where
 * two of them are one; two double quotes inside of quotes are one.
 */
export function splitCommandLine(line: string): string[] {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (line[at] === ' ' || line[at] === '\t') at++;
    if (at >= line.length) return words;
    const { word, end } = readWord(line, at);
    words.push(word);
    at = end;
  }
}

function readWord(line: string, start: number): { readonly word: string; readonly end: number } {
  let [word, quoted, at] = ['', false, start];
  for (; at < line.length; at++) {
    const c = line[at] as string;
    if (!quoted && (c === ' ' || c === '\t')) break;
    if (c === '\\') {
      const run = /^\\+/.exec(line.slice(at))?.[0].length ?? 1;
      const beforeQuote = line[at + run] === '"';
      word += '\\'.repeat(beforeQuote ? Math.floor(run / 2) : run);
      at += run - 1;
      if (beforeQuote && run % 2 === 1) {
        word += '"';
        at++;
      }
    } else if (c !== '"') word += c;
    else if (quoted && line[at + 1] === '"') {
      word += '"';
      at++;
    } else quoted = !quoted;
  }
  return { word, end: at };
}
