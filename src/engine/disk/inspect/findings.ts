import { EngineError, isEngineError } from '../../base/errors.ts';

import { describeDefect, type Defect, type Severity } from './defect.ts';

export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly offset: number | null;
}

/**
 * Maximum number of listed findings per code: a broken table can have millions of broken entries.
 */
const MAX_OF_CODE = 24;

/**
 * Findings about a file. Errors of decoders become findings, so that reading continues behind them.
 */
export class Findings {
  readonly #list: Finding[] = [];
  readonly #counts = new Map<string, number>();

  add(code: string, severity: Severity, message: string, offset: number | null): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= MAX_OF_CODE) this.#list.push({ code, severity, message, offset });
  }

  /** Adds defects of a structure. */
  defects(defects: Iterable<Defect>): void {
    for (const defect of defects) {
      this.add(defect.code, defect.severity ?? 'error', describeDefect(defect), defect.offset);
    }
  }

  /** Counts `more` findings of a code without listing them. */
  count(code: string, more: number): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + more);
  }

  /** Whether another finding of `code` would be listed. */
  room(code: string): boolean {
    return (this.#counts.get(code) ?? 0) < MAX_OF_CODE;
  }

  /**
   * Adds an error of a decoder; rethrows anything else (an aborted signal, a bug).
   * @param fallback offset of the structure, for errors without a file offset
   */
  caught(error: unknown, fallback: number | null, severity: Severity = 'error'): EngineError {
    if (!isEngineError(error)) throw error;
    const own = error.data['offset'];
    // A reader's offset is relative to the start of its bytes.
    const known = typeof own === 'number' && !error.code.startsWith('bytes.');
    this.add(error.code, severity, error.message, known ? own : fallback);
    return error;
  }

  /** Findings in the order found, errors first. */
  get list(): readonly Finding[] {
    const order: readonly Severity[] = ['error', 'warning', 'info'];
    const rest = [...this.#counts].flatMap(([code, count]): Finding[] => {
      const like = this.#list.find((each) => each.code === code);
      if (count <= MAX_OF_CODE || like === undefined) return [];
      const message = `${count - MAX_OF_CODE} more findings of this kind`;
      return [{ code, severity: like.severity, message, offset: null }];
    });
    return order.flatMap((severity) =>
      [...this.#list, ...rest].filter((each) => each.severity === severity),
    );
  }
}
