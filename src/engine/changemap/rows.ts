import { MAX_PAGE_ROWS, type MapBytes, type PlaceInfo, type RangeRow } from '../api/change-map.ts';
import type { PartitionInfo } from '../api/guest/inspection.ts';
import { mapError } from './map-errors.ts';
import { RowIndex } from './row-index.ts';
import { CHANGED, DATA, statesOf, writerOf, ZERO, type Segments } from './segments.ts';

/**
 * Context for showing segments: names of the points that wrote them, and the partitions that
 * contain them.
 */
export interface RowContext {
  readonly segments: Segments;
  readonly points: readonly string[];
  readonly partitions: readonly PartitionInfo[];
  /** The map has no channel for changes. */
  readonly changesUnknown: boolean;
  readonly allocationUnknown: boolean;
}

/** Row numbering of each map; built once per frame. */
const indexes = new WeakMap<Segments, RowIndex>();

export function rowIndexOf({ segments, partitions }: RowContext): RowIndex {
  const known = indexes.get(segments);
  if (known !== undefined) return known;
  const made = new RowIndex(segments, partitions);
  indexes.set(segments, made);
  return made;
}

/** Returns rows of the table, in disk order unless other rows are `listed`. */
export function pageRows(
  context: RowContext,
  from: number,
  count: number,
  listed?: Uint32Array,
): RangeRow[] {
  if (!isCount(from) || !isCount(count) || count > MAX_PAGE_ROWS) {
    throw mapError('map.request', `${count} rows from ${from} are not a page of a map`, {
      data: { from, count, expected: MAX_PAGE_ROWS },
    });
  }
  const end = Math.min(from + count, listed?.length ?? rowIndexOf(context).total);
  const rows: RangeRow[] = [];
  for (let i = from; i < end; i++) rows.push(rowAt(context, listed?.[i] ?? i));
  return rows;
}

export function rowAt(context: RowContext, row: number): RangeRow {
  const { segments, points, partitions } = context;
  const { segment, start, end } = rowIndexOf(context).piece(row);
  const tag = segments.tag(segment);
  return {
    start,
    length: end - start,
    state: stateOf(tag),
    point: points[writerOf(tag)] ?? null,
    partition: partitionAt(partitions, start),
  };
}

/** Describes an offset: its segment, or the gap between segments. */
export function placeAt(context: RowContext, offset: number): PlaceInfo {
  const { segments, partitions } = context;
  if (!isCount(offset) || offset >= segments.size) {
    const message = `Byte ${offset} is not on a disk of ${segments.size}`;
    throw mapError('map.request', message, { data: { offset, size: segments.size } });
  }
  const segment = segments.firstEndingAfter(offset);
  const next = segment < segments.count ? (segments.starts[segment] as number) : segments.size;
  const partition = partitionAt(partitions, offset);
  const row = rowIndexOf(context).rowAt(offset);
  if (next <= offset) return { ...rowAt(context, row), row, partition };
  const start = segment === 0 ? 0 : (segments.ends[segment - 1] as number);
  const state = segments.restUnknown ? 'unknown' : 'unchanged';
  return { start, length: next - start, state, row, point: null, partition };
}

/**
 * Finds the next change after the one at `offset`, or the previous one; adjacent changed bytes are
 * one change. Null if there is not one.
 */
export function seekChange(
  context: RowContext,
  offset: number,
  direction: 'next' | 'previous',
): PlaceInfo | null {
  const { segments } = context;
  if (!isCount(offset) || offset >= segments.size) return placeAt(context, offset);
  const changed = segments.below(CHANGED);
  if (changed === undefined) return null;
  const here = segments.firstEndingAfter(offset);
  const first = changeFrom(segments, here, offset);
  const found =
    direction === 'next'
      ? firstChanged(changed, first === undefined ? here : endOfChange(segments, here))
      : lastChanged(changed, first ?? here);
  if (found === undefined) return null;
  const start = changeFrom(segments, found, segments.starts[found] as number) ?? found;
  return placeAt(context, segments.starts[start] as number);
}

const isChanged = (segments: Segments, i: number): boolean =>
  (statesOf(segments.tag(i)) & CHANGED) !== 0;

/**
 * Returns the first segment of the change that contains `offset` and begins in or before segment
 * `i`; undefined if there is not one.
 */
function changeFrom(segments: Segments, i: number, offset: number): number | undefined {
  const { starts, ends, count } = segments;
  if (i >= count || (starts[i] as number) > offset || !isChanged(segments, i)) return undefined;
  let first = i;
  while (first > 0 && ends[first - 1] === starts[first] && isChanged(segments, first - 1)) first--;
  return first;
}

/** Returns the first segment behind the change that contains segment `i`. */
function endOfChange(segments: Segments, i: number): number {
  const { starts, ends, count } = segments;
  let next = i + 1;
  while (next < count && starts[next] === ends[next - 1] && isChanged(segments, next)) next++;
  return next;
}

/** Returns the first changed segment from `from` on, found by the running sum of changed bytes. */
function firstChanged(changed: Float64Array, from: number): number | undefined {
  let low = from;
  let high = changed.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((changed[middle + 1] as number) > (changed[from] as number)) high = middle;
    else low = middle + 1;
  }
  return low < changed.length - 1 ? low : undefined;
}

/** Returns the last changed segment before `until`. */
function lastChanged(changed: Float64Array, until: number): number | undefined {
  let low = 0;
  let high = until;
  // Find the smallest number of segments with as many changed bytes as those before `until`.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((changed[middle] as number) < (changed[until] as number)) low = middle + 1;
    else high = middle;
  }
  return low > 0 ? low - 1 : undefined;
}

/** Returns the bytes of each channel; null for channels that this kind of map does not know. */
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

/**
 * Returns the smallest partition that contains the offset: a logical partition, not the extended
 * one around it.
 */
function partitionAt(partitions: readonly PartitionInfo[], offset: number): number | null {
  let found: PartitionInfo | undefined;
  for (const each of partitions) {
    const inside = each.start <= offset && offset < each.start + each.length;
    if (inside && (found === undefined || each.length < found.length)) found = each;
  }
  return found?.number ?? null;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
