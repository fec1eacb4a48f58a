import { MAX_SORTED_ROWS, ROW_SORTS, type RowOrder } from '../api/change-map.ts';
import { mapError } from './map-errors.ts';
import { rowAt, rowIndexOf, type RowContext } from './rows.ts';
import { CHANGED, statesOf, type Segments } from './segments.ts';

/** The last order of each map: pages of a table are requested one after the other. */
const orders = new WeakMap<Segments, { readonly key: string; readonly rows: Uint32Array }>();

/**
 * Returns row numbers in the requested order; undefined if that is the natural order. Throws
 * `map.request`.
 */
export function orderedRows(context: RowContext, order: RowOrder): Uint32Array | undefined {
  const { changedOnly, sort, descending } = order;
  // Received from a client, so checked at run time.
  if (!ROW_SORTS.includes(sort)) throw wrong('rows cannot be sorted by this field', order);
  if (!changedOnly && sort === 'start' && !descending) return undefined;
  const key = `${changedOnly} ${sort} ${descending}`;
  const known = orders.get(context.segments);
  if (known?.key === key) return known.rows;
  const rows = sorted(
    context,
    changedOnly ? changedRows(context) : countUp(rowIndexOf(context).total),
    order,
  );
  orders.set(context.segments, { key, rows });
  return rows;
}

function changedRows(context: RowContext): Uint32Array {
  const index = rowIndexOf(context);
  const rows = new Uint32Array(index.total);
  let count = 0;
  for (let row = 0; row < index.total; row++) {
    const { segment } = index.piece(row);
    if ((statesOf(context.segments.tag(segment)) & CHANGED) !== 0) rows[count++] = row;
  }
  return rows.slice(0, count);
}

/** Sorts by the key of each row; rows with equal keys keep their disk order. */
function sorted(context: RowContext, rows: Uint32Array, order: RowOrder): Uint32Array {
  const { sort, descending } = order;
  if (sort === 'start') return descending ? rows.reverse() : rows;
  if (rows.length > MAX_SORTED_ROWS) {
    throw wrong(`${rows.length} rows cannot be sorted; at most ${MAX_SORTED_ROWS} can`, order);
  }
  const names = context.points.toSorted();
  const keys = new Float64Array(rows.length);
  const STATES = ['changed', 'data', 'zero'];
  rows.forEach((row, i) => {
    const { length, state, partition, point } = rowAt(context, row);
    if (sort === 'length') keys[i] = length;
    else if (sort === 'state') keys[i] = STATES.indexOf(state);
    else if (sort === 'partition') keys[i] = partition ?? -1;
    else keys[i] = point === null ? -1 : names.indexOf(point);
  });
  const sign = descending ? -1 : 1;
  const places = countUp(rows.length).sort(
    (a, b) => sign * ((keys[a] as number) - (keys[b] as number)) || a - b,
  );
  return places.map((place) => rows[place] as number);
}

function countUp(count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = i;
  return numbers;
}

const wrong = (message: string, { sort }: { readonly sort: unknown }): Error =>
  mapError('map.request', message, {
    data: { found: String(sort).slice(0, 40), expected: MAX_SORTED_ROWS },
  });
