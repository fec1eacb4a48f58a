import { TRACE_FILTERS, type TraceFilter } from '../../../engine/api/trace.ts';
import type { TraceViewState } from '../../api/trace.ts';

/** Milliseconds from which an exchange counts as slow, unless the user chooses others. */
const SLOW_MS = 1000;
const MAX_SLOW_MS = 86_400_000;
const MAX_TEXT = 200;

export const FIRST_STATE: TraceViewState = {
  version: 1,
  filter: { kind: 'all', slowMs: SLOW_MS, text: '' },
  sequence: null,
  body: 'answer',
};

/** Parses the stored state; undefined if it cannot be used. */
export function parseState(kept: unknown): TraceViewState | undefined {
  const { version, filter, sequence, body } = (kept ?? {}) as Partial<TraceViewState>;
  if (version !== 1 || filter === undefined || filter === null) return undefined;
  return {
    version,
    filter: parseFilter(filter),
    sequence: Number.isSafeInteger(sequence) ? (sequence ?? null) : null,
    body: body === 'request' ? body : 'answer',
  };
}

function parseFilter({ kind, slowMs, text }: Partial<TraceFilter>): TraceFilter {
  return {
    kind: TRACE_FILTERS.find((each) => each === kind) ?? 'all',
    slowMs: slowLimit(slowMs),
    text: typeof text === 'string' ? text.slice(0, MAX_TEXT) : '',
  };
}

/** Returns a number of milliseconds within the bounds; the default for anything else. */
export const slowLimit = (value: unknown): number =>
  typeof value === 'number' && value >= 0 && value <= MAX_SLOW_MS ? Math.round(value) : SLOW_MS;
