import type {
  TraceComparison,
  TraceComparisonRequest,
  TraceExchange,
  TraceInfo,
  TracePage,
  TracePageRequest,
  TracePair,
} from '../../api/trace.ts';
import { alignRows, isUnlike } from '../../trace/compare/align-rows.ts';
import { traceError } from '../../trace/format/trace-errors.ts';
import { exchangeBody } from '../../trace/read/exchange-body.ts';
import { filterRows } from '../../trace/read/filter-rows.ts';
import { TraceFile } from '../../trace/read/trace-file.ts';
import { OpenFiles } from '../context/open-files.ts';

/** Maximum number of open recordings. */
const MAX_OPEN = 8;
/** Maximum number of rows of one page. */
const MAX_ROWS = 1000;

interface Aligned {
  readonly left: string;
  readonly right: string;
  readonly pairs: readonly TracePair[];
}

/** The recordings shown in views. Each keeps its file open and the facts of its exchanges. */
export class OpenTraces {
  readonly #open = new OpenFiles<TraceFile>(MAX_OPEN, notOpen);
  /** Last comparison: its pages are asked for one after another. */
  #aligned: Aligned | undefined;

  async open(path: string, signal: AbortSignal): Promise<TraceInfo> {
    const trace = await TraceFile.open(path, signal);
    return trace.info(await this.#open.keep(trace, signal));
  }

  page({ traceId, filter, start, count }: TracePageRequest): TracePage {
    const rows = filterRows(this.#open.get(traceId).rows, filter);
    return { total: rows.length, rows: slice(rows, start, count) };
  }

  /** Returns an exchange, decoded. Throws `trace.exchange`. */
  async exchange(traceId: string, sequence: number): Promise<TraceExchange> {
    const found = await this.#open.get(traceId).exchange(sequence);
    return {
      row: found.row,
      request: exchangeBody(found.request, found.requestCut, found.row.protocol),
      answer: exchangeBody(found.answer, found.answerCut, found.row.protocol),
    };
  }

  /** Aligns two recordings by their calls. The filter selects pairs of which either row passes. */
  compare(request: TraceComparisonRequest): TraceComparison {
    const { pairs } = this.#align(request.traceId, request.otherId);
    const shown = pairs.filter(
      (pair) => (!request.differences || isUnlike(pair)) && passes(pair, request),
    );
    const count = (of: (pair: TracePair) => boolean): number => pairs.filter(of).length;
    return {
      total: shown.length,
      onlyLeft: count(({ right }) => right === null),
      onlyRight: count(({ left }) => left === null),
      unlike: count((pair) => pair.left !== null && pair.right !== null && isUnlike(pair)),
      pairs: slice(shown, request.start, request.count),
    };
  }

  /** Closes a recording; does nothing if it is not open. */
  async close(traceId: string): Promise<void> {
    if (this.#aligned?.left === traceId || this.#aligned?.right === traceId) {
      this.#aligned = undefined;
    }
    await this.#open.close(traceId);
  }

  closeAll(): Promise<void> {
    return this.#open.closeAll();
  }

  #align(left: string, right: string): Aligned {
    const [a, b] = [this.#open.get(left), this.#open.get(right)];
    const known = this.#aligned;
    if (known?.left === left && known.right === right) return known;
    return (this.#aligned = { left, right, pairs: alignRows(a.rows, b.rows) });
  }
}

/** @param traceId as a view sent it: it may be anything. */
const notOpen = (traceId: unknown): Error =>
  traceError('trace.notOpen', 'The engine has closed this recording; open it again', {
    data: { found: String(traceId).slice(0, 60) },
  });

const passes = ({ left, right }: TracePair, { filter }: TraceComparisonRequest): boolean =>
  filterRows(
    [left, right].flatMap((row) => row ?? []),
    filter,
  ).length > 0;

const slice = <T>(items: readonly T[], start: number, count: number): readonly T[] =>
  items.slice(start, start + Math.min(count, MAX_ROWS));
