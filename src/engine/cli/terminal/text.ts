import type { Io } from '../contract/command.ts';

/**
 * Makes text safe for a terminal: names of hosts, VMs and files may hold escape sequences. Replaces
 * control characters, except line ends and tabs, and characters that change the text direction by
 * `?`.
 */
export function harmless(text: string): string {
  return Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const turning = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return (control && character !== '\n' && character !== '\t') || turning ? '?' : character;
  }).join('');
}

/** A name inside a line: with a line end in it, it could make up lines of its own. */
export const inLine = (text: string): string => text.replace(/[\n\r\t\u2028\u2029]/g, '?');

/** A message as one line: with a line end in it, a name could make up an error of its own. */
export const oneLine = (text: string): string =>
  text.replace(/\s*[\n\r\u2028\u2029]\s*/g, ' ').trim();

/** Wraps words to a width; a longer word gets its own line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

/** Wraps a line to a width and keeps its indent; lines that follow are indented by four more. */
export function wrapped(line: string, width: number): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const further = `${indent}    `;
  return wrap(line, width - further.length).map((each, n) => (n === 0 ? indent : further) + each);
}

/** Formats two columns: names, and texts wrapped beside them (below the longest names). */
export function columns(rows: readonly (readonly [string, string])[], width: number): string[] {
  const left = Math.min(34, Math.max(...rows.map(([name]) => name.length)) + 2);
  return rows.flatMap(([name, text]) => {
    const [first = '', ...rest] = wrap(text, width - left);
    const indented = rest.map((line) => ' '.repeat(left) + line);
    if (name.length + 2 > left) return [name, ' '.repeat(left) + first, ...indented];
    return [name.padEnd(left) + first, ...indented];
  });
}

/** Minimum width, in characters, of a names column that is shortened to fit the terminal. */
export const NARROWEST = 8;

/**
 * The column that is shortened to fit the terminal width; undefined for no limit, since a program
 * reads the output.
 */
export interface Fit {
  readonly column: string;
  readonly width: number | undefined;
}

/** Returns the width limit for tables: that of the terminal, if stdout is one. */
export const tableWidth = (io: Pick<Io, 'outIsTerminal' | 'columns'>): number | undefined =>
  io.outIsTerminal ? io.columns : undefined;

/** Shortens a text to a width, in characters. */
export function cut(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join('')}…`;
}

/**
 * Formats a table with a header; columns in `right` are right-aligned. Only the column of `fit` is
 * ever shortened.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
  fit?: Fit,
): string {
  const whole = rows.map((row) => row.map(inLine));
  const lines = fit === undefined ? whole : fitted(head, whole, fit);
  const widths = widthsOf(head, lines);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        const width = widths[i] ?? 0;
        return right.includes(head[i] ?? '') ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(head), ...lines.map(line)].join('\n');
}

// Not spread into arguments: a map may have more rows than a call accepts.
const widthsOf = (head: readonly string[], rows: readonly (readonly string[])[]): number[] =>
  head.map((title, i) =>
    rows.reduce((width, row) => Math.max(width, row[i]?.length ?? 0), title.length),
  );

function fitted(head: readonly string[], rows: readonly string[][], fit: Fit): string[][] {
  const at = head.indexOf(fit.column);
  const widths = widthsOf(head, rows);
  const total = widths.reduce((sum, width) => sum + width + 2, -2);
  if (fit.width === undefined || total <= fit.width) return [...rows];
  const room = Math.max(NARROWEST, (widths[at] ?? 0) - (total - fit.width));
  return rows.map((row) => row.map((cell, i) => (i === at ? cut(cell, room) : cell)));
}

/** Formats `name  value` lines, aligned. */
export function facts(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, value]) => `${name.padEnd(width)}${inLine(value)}`.trimEnd()).join('\n');
}
