import type { TraceInfo } from '../../engine/api/trace.ts';
import type { TraceStrings } from '../api/trace-strings.ts';
import { element } from '../common/dom.ts';
import { fill, type Format } from '../common/words/format.ts';
import { plainText } from '../common/words/plain-text.ts';

/** Creates the facts of a recording, and what it misses. */
export function traceFacts(info: TraceInfo, strings: TraceStrings, format: Format): HTMLElement[] {
  const duration = `${format.milliseconds(info.milliseconds / 1000)} s`;
  const facts = [
    format.time(info.begun),
    info.hosts.slice(0, 3).join(', '),
    ...info.jobs.slice(0, 3).map(({ title }) => title),
    fill(strings.factExchanges, format.count(info.exchanges), duration),
    fill(strings.factErrors, format.count(info.errors)),
    fill(strings.factChanging, format.count(info.changing)),
    fill(strings.factBytes, format.bytes(info.sentBytes), format.bytes(info.receivedBytes)),
  ];
  const problems = [
    ...(info.end === 'full' ? [strings.endFull] : []),
    ...(info.end === 'open' ? [strings.endOpen] : []),
    ...(info.lost > 0 ? [fill(strings.lost, format.count(info.lost))] : []),
    ...(info.unreadable > 0 ? [fill(strings.unreadable, format.count(info.unreadable))] : []),
  ];
  return [
    ...facts.filter((fact) => fact !== '').map((fact) => element('li', {}, plainText(fact, 300))),
    ...problems.map((problem) => element('li', { class: 'problem' }, problem)),
  ];
}
