import { plainText } from '../../views/common/words/plain-text.ts';

/** A name, path or id: in a code span, in which nothing means anything. */
export function code(text: string): string {
  const plain = plainText(text);
  // A fence longer than any run of backticks in it ends it and nothing else.
  const runs = plain.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
  const space = /^`|`$|^ .* $/.test(plain) ? ' ' : '';
  return plain === '' ? '' : `${fence}${space}${plain}${space}${fence}`;
}

/** Lines of commands in a block, whose fence no line of them can end. */
export function block(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => plainText(line, 16 * 1024));
  const runs = lines.join('\n').match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return [`${fence}powershell`, ...lines, fence];
}

/** A sentence that may hold names: no link, picture, heading or mark-up comes of it. */
export function prose(text: string): string {
  return plainText(text)
    .replaceAll(/[\\`*_[\]<>~|&$]/g, '\\$&')
    .replaceAll('!\\[', '\\!\\[')
    .replace(/^([#+-]|\d+[.)])/, '\\$1');
}

/** `- **Name:** value`, or nothing without a value. */
export const fact = (name: string, value: string): string[] =>
  value === '' ? [] : [`- **${prose(name)}:** ${value}`];
