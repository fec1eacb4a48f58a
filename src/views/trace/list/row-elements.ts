import type { TracePair, TraceRow } from '../../../engine/api/trace.ts';
import type { TraceStrings } from '../../api/trace-strings.ts';
import { element } from '../../common/dom.ts';
import { fill, type Format } from '../../common/words/format.ts';
import { plainText } from '../../common/words/plain-text.ts';
import { timingBar } from '../exchange/timing-bar.ts';
import { barShare } from '../state/timing.ts';

const LONGEST = 300;

/** Everything that rows need besides their exchange. */
export interface RowWords {
  readonly strings: TraceStrings;
  readonly format: Format;
  /** Milliseconds since 1970 at which the recording began. */
  readonly began: number;
  /** Duration of the longest exchange, in milliseconds. */
  readonly longest: number;
}

/** Creates the row of an exchange: number, time since the beginning, call, result, duration. */
export function exchangeRow(row: TraceRow, words: RowWords): HTMLElement {
  const { format, began } = words;
  const at = `${format.milliseconds((row.started - began) / 1000)} s`;
  return element(
    'div',
    { role: 'option', class: failed(row) ? 'failed' : '' },
    element('span', { class: 'number' }, String(row.sequence)),
    element('span', { class: 'at' }, at),
    ...callCells(row, words),
    timingBar(row, barShare(row.done, words.longest)),
    element('span', { class: 'took' }, fill(words.strings.took, format.milliseconds(row.done))),
  );
}

/** Creates the row of a pair: the same call in both recordings, or one that a recording lacks. */
export function pairRow({ left, right }: TracePair, words: RowWords): HTMLElement {
  const unlike = left === null || right === null || left.outcome !== right.outcome;
  const half = (row: TraceRow | null): HTMLElement =>
    row === null
      ? element('span', { class: 'half none' }, words.strings.missing)
      : element(
          'span',
          { class: `half${failed(row) ? ' failed' : ''}` },
          element('span', { class: 'number' }, String(row.sequence)),
          ...callCells(row, words),
          element(
            'span',
            { class: 'took' },
            fill(words.strings.took, words.format.milliseconds(row.done)),
          ),
        );
  return element(
    'div',
    { role: 'option', class: unlike ? 'pair unlike' : 'pair' },
    half(left),
    half(right),
  );
}

function callCells(row: TraceRow, { strings }: RowWords): HTMLElement[] {
  const mark = row.changes
    ? [
        element('span', { class: 'mark', 'aria-hidden': 'true' }, '●'),
        element('span', { class: 'hidden' }, `${strings.changingMark}:`),
      ]
    : [];
  const about = plainText(row.about, LONGEST);
  return [
    element('span', { class: 'call', title: about }, ...mark, about),
    element('span', { class: 'outcome' }, row.outcome === 'ok' ? '' : plainText(row.outcome, 128)),
  ];
}

const failed = ({ outcome }: TraceRow): boolean => outcome !== 'ok' && outcome !== 'cancelled';
