import type { TraceFilter, TraceRow } from '../../api/trace.ts';
import { isError } from './trace-file.ts';

/** Returns the rows that pass a filter, in their order. */
export function filterRows(rows: readonly TraceRow[], filter: TraceFilter): readonly TraceRow[] {
  const text = filter.text.trim().toLowerCase();
  if (filter.kind === 'all' && text === '') return rows;
  return rows.filter((row) => passes(row, filter) && (text === '' || has(row, text)));
}

function passes(row: TraceRow, { kind, slowMs }: TraceFilter): boolean {
  if (kind === 'errors') return isError(row);
  if (kind === 'changing') return row.changes;
  return kind === 'all' || row.done >= slowMs;
}

const has = ({ about, outcome, phase, host }: TraceRow, text: string): boolean =>
  [about, outcome, phase ?? '', host].some((each) => each.toLowerCase().includes(text));
