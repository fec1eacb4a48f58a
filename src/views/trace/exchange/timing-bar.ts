import type { TraceRow } from '../../../engine/api/trace.ts';
import { element } from '../../common/dom.ts';
import { TIMING_PARTS, timingOf } from '../state/timing.ts';

/** Creates the bar of an exchange: one segment for each part of its duration. */
export function timingBar(row: TraceRow, share: number): HTMLElement {
  const parts = timingOf(row);
  const total = Math.max(row.done, 0.01);
  const segments = TIMING_PARTS.map((part) => {
    const made = element('span', { class: `part ${part}` });
    made.style.width = `${(parts[part] / total) * 100}%`;
    return made;
  });
  const bar = element('span', { class: 'bar' }, ...segments);
  bar.style.width = `${share * 100}%`;
  return element('span', { class: 'bar-room', 'aria-hidden': 'true' }, bar);
}
