import type { TracePair, TraceRow } from '../../api/trace.ts';

/** Maximum number of differing calls for the exact comparison; beyond it, a greedy one is used. */
const MAX_EDITS = 2000;
/** Calls that the greedy comparison looks ahead for the next common one. */
const LOOK_AHEAD = 64;

/**
 * Aligns two recordings by their calls, in order: each pair is a call that both made, or a call of
 * one of them. Uses the shortest edit script (Myers 1986), within a bound on time and memory.
 */
export function alignRows(left: readonly TraceRow[], right: readonly TraceRow[]): TracePair[] {
  const keys = new Map<string, number>();
  const numbers = (rows: readonly TraceRow[]): Int32Array =>
    Int32Array.from(rows, (row) => {
      const key = `${row.action}\n${row.resource}\n${row.about}`;
      const known = keys.get(key) ?? keys.size;
      keys.set(key, known);
      return known;
    });
  const [a, b] = [numbers(left), numbers(right)];
  const common = shortest(a, b) ?? greedy(a, b);
  const pairs: TracePair[] = [];
  let [x, y] = [0, 0];
  for (const [i, j] of [...common, [a.length, b.length] as const]) {
    for (; x < i; x++) pairs.push({ left: left[x] ?? null, right: null });
    for (; y < j; y++) pairs.push({ left: null, right: right[y] ?? null });
    if (i < a.length && j < b.length) {
      pairs.push({ left: left[x++] ?? null, right: right[y++] ?? null });
    }
  }
  return pairs;
}

type Match = readonly [number, number];

/** Returns the matches of the shortest edit script; undefined if it is longer than the bound. */
function shortest(a: Int32Array, b: Int32Array): Match[] | undefined {
  const most = Math.min(a.length + b.length, MAX_EDITS);
  const reach = new Int32Array(2 * most + 3);
  const steps: Int32Array[] = [];
  const at = (k: number): number => k + most + 1;
  for (let d = 0; d <= most; d++) {
    // Only the diagonals that this step may read.
    steps.push(reach.slice(at(-d - 1), at(d + 1) + 1));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach[at(k - 1)] ?? 0) < (reach[at(k + 1)] ?? 0));
      let x = down ? (reach[at(k + 1)] ?? 0) : (reach[at(k - 1)] ?? 0) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      reach[at(k)] = x;
      if (x >= a.length && y >= b.length) return walkBack(steps, a.length, b.length);
    }
  }
  return undefined;
}

function walkBack(steps: readonly Int32Array[], width: number, height: number): Match[] {
  const matches: Match[] = [];
  let [x, y] = [width, height];
  for (let d = steps.length - 1; d >= 0; d--) {
    const reach = steps[d] ?? new Int32Array();
    const of = (k: number): number => reach[k + d + 1] ?? 0;
    const k = x - y;
    const down = k === -d || (k !== d && of(k - 1) < of(k + 1));
    const before = down ? k + 1 : k - 1;
    const [fromX, fromY] = d === 0 ? [0, 0] : [of(before), of(before) - before];
    while (x > fromX && y > fromY) matches.push([--x, --y]);
    [x, y] = [fromX, fromY];
  }
  return matches.reverse();
}

/** Matches each call with the nearest equal one a little further on. */
function greedy(a: Int32Array, b: Int32Array): Match[] {
  const matches: Match[] = [];
  let [x, y] = [0, 0];
  while (x < a.length && y < b.length) {
    if (a[x] === b[y]) matches.push([x++, y++]);
    else {
      const [dx, dy] = nextCommon(a, b, x, y);
      x += dx;
      y += dy;
    }
  }
  return matches;
}

/** Returns how far to go in both to reach an equal call; one step in both if the next equal call is far away. */
function nextCommon(a: Int32Array, b: Int32Array, x: number, y: number): Match {
  for (let far = 1; far <= LOOK_AHEAD; far++) {
    for (let i = 0; i <= far; i++) {
      const j = far - i;
      if (x + i < a.length && y + j < b.length && a[x + i] === b[y + j]) return [i, j];
    }
  }
  return [1, 1];
}

/** Whether a pair differs: a call that one recording lacks, or that ended differently. */
export const isUnlike = ({ left, right }: TracePair): boolean =>
  left === null || right === null || left.outcome !== right.outcome;
