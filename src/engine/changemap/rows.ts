import {
  MAX_PAGE_ROWS,
  type MapBytes,
  type PartitionInfo,
  type PlaceInfo,
  type RangeRow,
} from '../api/change-map.ts';
import { mapError } from './map-errors.ts';
import { CHANGED, DATA, statesOf, writerOf, ZERO, type Segments } from './segments.ts';

/** What segments are shown with: names for the points that wrote them, and the partitions they lie in. */
export interface RowContext {
  readonly segments: Segments;
  readonly points: readonly string[];
  readonly partitions: readonly PartitionInfo[];
  /** No channel of its own for changes. */
  readonly changesUnknown: boolean;
  readonly allocationUnknown: boolean;
}

/** Rows of the table: one for each segment. */
export function pageRows(context: RowContext, from: number, count: number): RangeRow[] {
  if (!isCount(from) || !isCount(count) || count > MAX_PAGE_ROWS) {
    throw mapError('map.request', `${count} rows from ${from} are not a page of a map`, {
      data: { from, count, expected: MAX_PAGE_ROWS },
    });
  }
  const end = Math.min(from + count, context.segments.count);
  const rows: RangeRow[] = [];
  for (let i = from; i < end; i++) rows.push(rowAt(context, i));
  return rows;
}

export function rowAt(context: RowContext, i: number): RangeRow {
  const { segments, points, partitions } = context;
  const start = segments.starts[i] as number;
  const tag = segments.tag(i);
  return {
    start,
    length: (segments.ends[i] as number) - start,
    state: stateOf(tag),
    point: points[writerOf(tag)] ?? null,
    partition: partitionAt(partitions, start),
  };
}

/** What lies at an offset; between segments, the gap. */
export function placeAt(context: RowContext, offset: number): PlaceInfo {
  const { segments, partitions } = context;
  if (!isCount(offset) || offset >= segments.size) {
    const message = `Byte ${offset} is not on a disk of ${segments.size}`;
    throw mapError('map.request', message, { data: { offset, size: segments.size } });
  }
  const row = segments.firstEndingAfter(offset);
  const next = row < segments.count ? (segments.starts[row] as number) : segments.size;
  const partition = partitionAt(partitions, offset);
  if (next <= offset) return { ...rowAt(context, row), row, partition };
  const start = row === 0 ? 0 : (segments.ends[row - 1] as number);
  const state = segments.restUnknown ? 'unknown' : 'unchanged';
  return { start, length: next - start, state, row, point: null, partition };
}

/** Bytes of each channel; null for those that this kind of map does not tell apart. */
export function bytesOf({ segments, changesUnknown, allocationUnknown }: RowContext): MapBytes {
  const data = segments.bytesOf(DATA);
  const zero = segments.bytesOf(ZERO);
  return {
    changed: changesUnknown ? null : segments.bytesOf(CHANGED),
    data: allocationUnknown && data === 0 ? null : data,
    zero: allocationUnknown && zero === 0 ? null : zero,
    unknown: segments.unknownBytes,
  };
}

function stateOf(tag: number): RangeRow['state'] {
  const states = statesOf(tag);
  if ((states & CHANGED) !== 0) return 'changed';
  return (states & DATA) === 0 ? 'zero' : 'data';
}

/** The smallest that holds it: a logical partition rather than the extended one around it. */
function partitionAt(partitions: readonly PartitionInfo[], offset: number): number | null {
  let found: PartitionInfo | undefined;
  for (const each of partitions) {
    const inside = each.start <= offset && offset < each.start + each.length;
    if (inside && (found === undefined || each.length < found.length)) found = each;
  }
  return found?.number ?? null;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
