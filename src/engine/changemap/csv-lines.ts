import { rowAt, rowIndexOf, type RowContext } from './rows.ts';

const LINES_AT_ONCE = 16_384;

/** Formats the table as CSV (RFC 4180: CRLF, a header line), in pieces of some hundred kB. */
export function* csvLines(context: RowContext): Generator<{ text: string; rows: number }> {
  yield { text: 'start,length,state,point\r\n', rows: 0 };
  const { total: count } = rowIndexOf(context);
  for (let from = 0; from < count; from += LINES_AT_ONCE) {
    const end = Math.min(from + LINES_AT_ONCE, count);
    let text = '';
    for (let i = from; i < end; i++) {
      const { start, length, state, point } = rowAt(context, i);
      text += `${start},${length},${state},${csvField(point ?? '')}\r\n`;
    }
    yield { text, rows: end - from };
  }
}

/** RFC 4180 section 2: quoted if it contains a comma, a quote or a line break. */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
