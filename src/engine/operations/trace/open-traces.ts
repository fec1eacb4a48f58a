import type {
  TraceComparison,
  TraceComparisonRequest,
  TraceExchange,
  TraceInfo,
  TracePage,
  TracePageRequest,
  TracePair,
} from '../../api/trace.ts';
import { newGuid } from '../../base/guid.ts';
import { alignRows, isUnlike } from '../../trace/compare/align-rows.ts';
import { traceError } from '../../trace/format/trace-errors.ts';
import { exchangeBody } from '../../trace/read/exchange-body.ts';
import { filterRows } from '../../trace/read/filter-rows.ts';
import { TraceFile } from '../../trace/read/trace-file.ts';

/**
 * Maximum number of open recordings. The least recently used one is closed; its view opens it again
 * on the next request.
 */
const MAX_OPEN = 8;
/** Maximum number of rows of one page. */
const MAX_ROWS = 1000;

interface Aligned {
  readonly left: TraceFile;
  readonly right: TraceFile;
  readonly pairs: readonly TracePair[];
}

/** The recordings shown in views. Each keeps its file open and the facts of its exchanges. */
export class OpenTraces {
  /** Least recently used first. */
  readonly #open = new Map<string, TraceFile>();
  /** Last comparison: its pages are asked for one after another. */
  #aligned: Aligned | undefined;

  async open(path: string, signal: AbortSignal): Promise<TraceInfo> {
    const trace = await TraceFile.open(path, signal);
    const traceId = newGuid();
    this.#open.set(traceId, trace);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= MAX_OPEN) break;
      await this.close(oldest);
    }
    return trace.info(traceId);
  }

  page({ traceId, filter, start, count }: TracePageRequest): TracePage {
    const rows = filterRows(this.#get(traceId).rows, filter);
    return { total: rows.length, rows: slice(rows, start, count) };
  }

  /** Returns an exchange, decoded. Throws `trace.exchange`. */
  async exchange(traceId: string, sequence: number): Promise<TraceExchange> {
    const found = await this.#get(traceId).exchange(sequence);
    return {
      row: found.row,
      request: exchangeBody(found.request, found.requestCut),
      answer: exchangeBody(found.answer, found.answerCut),
    };
  }

  /** Aligns two recordings by their calls. The filter selects pairs of which either row passes. */
  compare(request: TraceComparisonRequest): TraceComparison {
    const { pairs } = this.#align(this.#get(request.traceId), this.#get(request.otherId));
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
    const trace = this.#open.get(traceId);
    this.#open.delete(traceId);
    if (this.#aligned?.left === trace || this.#aligned?.right === trace) this.#aligned = undefined;
    await trace?.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)));
  }

  #align(left: TraceFile, right: TraceFile): Aligned {
    const known = this.#aligned;
    if (known?.left === left && known.right === right) return known;
    return (this.#aligned = { left, right, pairs: alignRows(left.rows, right.rows) });
  }

  #get(traceId: string): TraceFile {
    const trace = this.#open.get(traceId);
    if (trace === undefined) {
      throw traceError('trace.notOpen', 'The engine has closed this recording; open it again', {
        data: { found: traceId.slice(0, 60) },
      });
    }
    this.#open.delete(traceId);
    this.#open.set(traceId, trace);
    return trace;
  }
}

const passes = ({ left, right }: TracePair, { filter }: TraceComparisonRequest): boolean =>
  filterRows(
    [left, right].flatMap((row) => row ?? []),
    filter,
  ).length > 0;

const slice = <T>(items: readonly T[], start: number, count: number): readonly T[] =>
  items.slice(start, start + Math.min(count, MAX_ROWS));
