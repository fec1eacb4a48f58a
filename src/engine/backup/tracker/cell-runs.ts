/** Sets of cells as ordered streams of runs `[start, end)`: of a disk of 64 TiB, nothing but the runs at hand is in memory. */
import type { Range } from '../../base/range.ts';
import { CELL_SIZE } from '../hash-cell.ts';

type Stream = AsyncIterable<Range> | Iterable<Range>;

/** The cells that ordered byte ranges touch, each in one run only. */
export function touchedCells(ranges: Stream): AsyncGenerator<Range> {
  return united(cellsOfEach(ranges));
}

/** Cells that are in any of two sets. */
export function eitherOf(a: Stream, b: Stream): AsyncGenerator<Range> {
  return united(inOrder(a, b));
}

async function* cellsOfEach(ranges: Stream): AsyncGenerator<Range> {
  for await (const { start, end } of ranges) {
    if (end > start) {
      yield { start: Math.floor(start / CELL_SIZE), end: Math.ceil(end / CELL_SIZE) };
    }
  }
}

/** Runs in the order of their starts, those that overlap or touch as one. */
async function* united(runs: Stream): AsyncGenerator<Range> {
  let run: Range | undefined;
  for await (const next of runs) {
    if (run === undefined) run = next;
    else if (next.start <= run.end) run = { start: run.start, end: Math.max(run.end, next.end) };
    else {
      yield run;
      run = next;
    }
  }
  if (run !== undefined) yield run;
}

/** Cells of `a` that are not in `b`. */
export async function* without(a: Stream, b: Stream): AsyncGenerator<Range> {
  const taken = iterate(b);
  try {
    let hole = await next(taken);
    for await (const { start, end } of a) {
      let at = start;
      while (at < end) {
        while (hole !== undefined && hole.end <= at) hole = await next(taken);
        const stop = Math.min(end, hole?.start ?? end);
        if (stop > at) yield { start: at, end: stop };
        at = hole === undefined || hole.start >= end ? end : Math.max(at, hole.end);
      }
    }
  } finally {
    await taken.return(undefined);
  }
}

async function* inOrder(a: Stream, b: Stream): AsyncGenerator<Range> {
  const [one, two] = [iterate(a), iterate(b)];
  try {
    let [first, second] = [await next(one), await next(two)];
    while (first !== undefined || second !== undefined) {
      if (second === undefined || (first !== undefined && first.start <= second.start)) {
        yield first as Range;
        first = await next(one);
      } else {
        yield second;
        second = await next(two);
      }
    }
  } finally {
    await one.return(undefined);
    await two.return(undefined);
  }
}

async function* iterate(stream: Stream): AsyncGenerator<Range> {
  yield* stream;
}

async function next(stream: AsyncIterator<Range>): Promise<Range | undefined> {
  const { done, value } = await stream.next();
  return done === true ? undefined : value;
}
