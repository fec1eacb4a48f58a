import type { TraceRow } from '../../../engine/api/trace.ts';
import { element } from '../../common/dom.ts';
import { fill, type Format } from '../../common/words/format.ts';
import { plainText } from '../../common/words/plain-text.ts';
import type { TraceStrings } from '../../api/trace-strings.ts';
import { TIMING_PARTS, timingOf, type TimingPart } from '../state/timing.ts';
import { timingBar } from './timing-bar.ts';

/** Creates the facts of an exchange, with its timing in numbers. */
export function exchangeFacts(row: TraceRow, strings: TraceStrings, format: Format): HTMLElement {
  const status = row.status === 0 ? [] : [fill(strings.httpStatus, String(row.status))];
  const facts: readonly (readonly [string, string])[] = [
    [strings.result, [row.outcome, ...status].join(', ')],
    [strings.time, format.exactTime(row.started)],
    [strings.host, fill(strings.connection, row.host, String(row.connection))],
    [
      strings.size,
      fill(strings.sizes, format.bytes(row.sentBytes), format.bytes(row.receivedBytes)),
    ],
    ...(row.phase === null ? [] : [[strings.phase, row.phase] as const]),
  ];
  const mark = [
    ...(row.changes ? [strings.changingMark] : []),
    ...(row.retryOf === null ? [] : [fill(strings.retryOf, String(row.retryOf))]),
  ];
  const title = element('h2', {}, plainText(row.about, 1000));
  return element(
    'div',
    { class: 'exchange-facts' },
    element('div', { class: 'title' }, title, element('span', { class: 'muted' }, mark.join(', '))),
    element(
      'dl',
      {},
      ...facts.map(([name, value]) =>
        element(
          'div',
          {},
          element('dt', {}, name),
          element(
            'dd',
            { class: name === strings.result ? resultClass(row) : '' },
            plainText(value, 1000),
          ),
        ),
      ),
    ),
    timing(row, strings, format),
  );
}

const resultClass = ({ outcome }: TraceRow): string => (outcome === 'ok' ? 'good' : 'bad');

function timing(row: TraceRow, strings: TraceStrings, format: Format): HTMLElement {
  const names: Readonly<Record<TimingPart, string>> = {
    queued: strings.timeQueued,
    sending: strings.timeSending,
    host: strings.timeHost,
    receiving: strings.timeReceiving,
  };
  const parts = timingOf(row);
  const items = TIMING_PARTS.map((part) =>
    element(
      'li',
      {},
      element('span', { class: `swatch part ${part}`, 'aria-hidden': 'true' }),
      element('span', {}, names[part]),
      element('span', { class: 'bytes' }, fill(strings.took, format.milliseconds(parts[part]))),
    ),
  );
  return element(
    'div',
    { class: 'timing' },
    timingBar(row, 1),
    element('ul', { class: 'legend', 'aria-label': strings.timing }, ...items),
  );
}
