import type { Exchange, ExchangeRecorder } from '../../base/exchange.ts';
import { exchangeLine, headerLine, line, type ExchangeOwner } from '../format/trace-line.ts';
import type { TraceHeader } from '../format/trace-line.ts';
import { AppendQueue } from './append-queue.ts';
import { createTraceFile } from './create-trace-file.ts';

/** Maximum size of a recording in bytes: about 50,000 exchanges of 5 KB. */
const MAX_TRACE_BYTES = 256 * 2 ** 20;
/** Bytes of the maximum that are kept for the last lines. */
const LAST_LINES = 1024;

/** Result of a recording. */
export interface TraceEnd {
  readonly exchanges: number;
  /** Exchanges that are not in the file. */
  readonly lost: number;
  /** Reason for lost exchanges; undefined if the recording is complete. */
  readonly problem: string | undefined;
}

/** The exchanges of one job of a recording. */
export interface JobRecorder extends ExchangeRecorder {
  /** Sets what the job is doing, for the exchanges that begin from now on. */
  phase(name: string): void;
}

/**
 * Writes a recording (TRACE.md). Each exchange is one line, appended as a whole, however many
 * connections are recorded. A file that cannot be written, or is full, never stops the work that it
 * records.
 */
export class TraceWriter implements ExchangeRecorder {
  readonly path: string;
  readonly #queue: AppendQueue;
  readonly #limit: number;
  #sequence = 0;
  #bytes = 0;
  #written = 0;
  #lost = 0;
  /** Lost exchanges that no line counts yet. */
  #untold = 0;
  #full = false;

  private constructor(path: string, queue: AppendQueue, limit: number) {
    this.path = path;
    this.#queue = queue;
    this.#limit = limit;
  }

  /**
   * Creates the file, readable by this account only. Replaces an earlier recording, and never
   * another file: throws `trace.file`.
   * @param limit maximum size of the file in bytes.
   */
  static async open(
    path: string,
    header: TraceHeader,
    limit = MAX_TRACE_BYTES,
  ): Promise<TraceWriter> {
    const writer = new TraceWriter(path, new AppendQueue(await createTraceFile(path)), limit);
    writer.#append(headerLine(header));
    return writer;
  }

  begin(): number {
    return ++this.#sequence;
  }

  record(exchange: Exchange): void {
    this.recordOf(exchange, { job: null, phase: null });
  }

  recordOf(exchange: Exchange, owner: ExchangeOwner): void {
    if (!this.#full && this.#untold > 0 && this.#append(lostLine(this.#untold))) this.#untold = 0;
    if (this.#append(exchangeLine(exchange, owner))) {
      this.#written++;
      return;
    }
    this.#lost++;
    this.#untold++;
  }

  /** Returns a recorder for the exchanges of a job, whose ID and title the file then names. */
  ofJob(id: string, title: string): JobRecorder {
    this.#append(line({ kind: 'job', id, title: title.slice(0, 1024) }));
    let phase: string | null = null;
    const phases = new Map<number, string | null>();
    return {
      begin: () => {
        const sequence = this.begin();
        phases.set(sequence, phase);
        return sequence;
      },
      record: (exchange) => {
        const began = phases.get(exchange.sequence) ?? null;
        phases.delete(exchange.sequence);
        this.recordOf(exchange, { job: id, phase: began });
      },
      phase: (name) => {
        phase = name.slice(0, 1024);
      },
    };
  }

  /** Writes the last line and closes the file. Does not throw: the result names a problem. */
  async close(): Promise<TraceEnd> {
    const time = new Date().toISOString();
    const [exchanges, lost] = [this.#written, this.#lost];
    this.#queue.append(Buffer.from(line({ kind: 'end', time, exchanges, lost })), true);
    const failure = await this.#queue.close();
    const problem = failure ?? this.#reason();
    return { exchanges, lost, problem };
  }

  #reason(): string | undefined {
    if (this.#full) return `it reached its maximum size of ${this.#limit} bytes`;
    return this.#lost > 0 ? 'exchanges came faster than the file could be written' : undefined;
  }

  /** Appends a line if it fits into the file and into memory. */
  #append(text: string): boolean {
    if (this.#full) return false;
    const bytes = Buffer.from(text);
    if (this.#bytes + bytes.length > this.#limit - LAST_LINES) {
      this.#full = true;
      const last = { kind: 'full', time: new Date().toISOString(), limit: this.#limit };
      this.#queue.append(Buffer.from(line(last)), true);
      return false;
    }
    if (!this.#queue.append(bytes)) return false;
    this.#bytes += bytes.length;
    return true;
  }
}

const lostLine = (exchanges: number): string => line({ kind: 'lost', exchanges });
