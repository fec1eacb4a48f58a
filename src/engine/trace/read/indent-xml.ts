/** A tag, or the text before the next one. */
const TOKEN = /<[^>]*>|[^<]+/g;

/** Deepest indent, in levels. */
const MAX_DEPTH = 40;

/**
 * Puts each element of a well-formed document on a line of its own, indented by depth. An element
 * that holds only text stays on one line. Nothing but white space is added.
 */
export function indentXml(text: string): string {
  const tokens = text.match(TOKEN) ?? [];
  const lines: string[] = [];
  let depth = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? '';
    if (token.trim() === '') continue;
    const [next = '', after = ''] = [tokens[i + 1], tokens[i + 2]];
    if (token.startsWith('</')) depth--;
    const opens = /^<[^/?!]/.test(token) && !token.endsWith('/>');
    if (opens && next.startsWith('</')) {
      lines.push(indented(depth, token + next));
      i++;
    } else if (opens && !next.startsWith('<') && after.startsWith('</')) {
      lines.push(indented(depth, token + next + after));
      i += 2;
    } else {
      lines.push(indented(depth, token));
      if (opens) depth++;
    }
  }
  return lines.join('\n');
}

const indented = (depth: number, text: string): string =>
  '  '.repeat(Math.min(MAX_DEPTH, Math.max(0, depth))) + text;
