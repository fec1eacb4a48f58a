import { CimFault } from './cim-fault.ts';

const TOKEN =
  /\s*(?:('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|([A-Za-z_][\w.]*)|(-?\d+(?:\.\d+)?)|(<>|!=|<=|>=|[=<>(),*]))/sy;

/** Maximum number of tokens, more than any client sends; checked before parsing. */
const MAX_TOKENS = 2000;

/** Splits a query into quoted texts, names, numbers and signs. Throws CannotProcessFilter. */
export function wqlTokens(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const trimmed = text.trimEnd();
  while (TOKEN.lastIndex < trimmed.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(trimmed);
    if (match === null) throw bad(`“${trimmed.slice(from, from + 20)}” is not understood`);
    tokens.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
    if (tokens.length > MAX_TOKENS) throw bad('the query is too long');
  }
  return tokens;
}

/** Returns the fault of a query that cannot be processed. */
export const bad = (why: string): CimFault =>
  new CimFault('cannotProcessFilter', `The query cannot be processed: ${why}`);
