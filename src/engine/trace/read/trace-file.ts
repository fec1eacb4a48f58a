import fs, { type FileHandle } from 'node:fs/promises';
import type { TraceInfo, TraceJob, TraceRow } from '../../api/trace.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import { isEngineError } from '../../base/errors.ts';
import { traceError } from '../format/trace-errors.ts';
import {
  MAX_LINE,
  parseExchange,
  parseHeader,
  parseLine,
  type RecordedExchange,
  type TraceHeader,
} from '../format/trace-line.ts';
import { readLines, type Line } from './read-lines.ts';

/** Maximum number of exchanges, and of jobs, of one recording. */
const MAX_EXCHANGES = 500_000;
const MAX_JOBS = 10_000;

interface Place {
  readonly offset: number;
  readonly length: number;
}

/**
 * An open recording. Memory holds the facts of each exchange and its place in the file; envelopes
 * are read when they are asked for.
 */
export class TraceFile {
  readonly path: string;
  /** In the order in which the requests began. */
  readonly rows: readonly TraceRow[];
  readonly #file: FileHandle;
  readonly #found: Found;

  private constructor(path: string, file: FileHandle, found: Found) {
    this.path = path;
    this.rows = found.rows.sort((a, b) => a.sequence - b.sequence);
    this.#file = file;
    this.#found = found;
  }

  /**
   * Opens a recording and reads the facts of its exchanges. Lines that cannot be read are counted;
   * an unfinished last line is not an error. Throws `trace.file`, `trace.format`.
   */
  static async open(path: string, signal: AbortSignal): Promise<TraceFile> {
    const file = await fs.open(path, 'r').catch((error: unknown) => {
      throw unreadable(path, error);
    });
    try {
      return new TraceFile(path, file, await readAll(path, file, signal));
    } catch (error) {
      await file.close();
      signal.throwIfAborted();
      throw isEngineError(error) ? error : unreadable(path, error);
    }
  }

  info(traceId: string): TraceInfo {
    const { header, jobs, end, lost, unreadable: bad } = this.#found;
    const { rows } = this;
    const first = rows.reduce((least, { started }) => Math.min(least, started), Infinity);
    const last = rows.reduce((most, { started, done }) => Math.max(most, started + done), 0);
    const count = (of: (row: TraceRow) => boolean): number =>
      rows.reduce((sum, row) => sum + (of(row) ? 1 : 0), 0);
    const sum = (of: (row: TraceRow) => number): number =>
      rows.reduce((all, row) => all + of(row), 0);
    return {
      traceId,
      path: this.path,
      begun: header.time,
      engine: header.engine,
      command: header.command,
      jobs,
      hosts: [...new Set(rows.map(({ host }) => host))].slice(0, 64),
      exchanges: rows.length,
      errors: count(isError),
      changing: count(({ changes }) => changes),
      milliseconds: rows.length === 0 ? 0 : last - first,
      longest: rows.reduce((most, { done }) => Math.max(most, done), 0),
      sentBytes: sum((row) => row.sentBytes),
      receivedBytes: sum((row) => row.receivedBytes),
      end,
      lost,
      unreadable: bad,
    };
  }

  /** Reads an exchange with its envelopes. Throws `trace.exchange`, `trace.file`. */
  async exchange(sequence: number): Promise<RecordedExchange> {
    const place = this.#found.places.get(sequence);
    if (place === undefined) {
      throw traceError('trace.exchange', `The recording has no exchange ${String(sequence)}`, {
        data: { path: this.path, found: sequence },
      });
    }
    const bytes = Buffer.alloc(place.length);
    try {
      await this.#file.read(bytes, 0, place.length, place.offset);
    } catch (error) {
      throw unreadable(this.path, error);
    }
    return parseExchange(parseLine(bytes.toString('utf8')));
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Whether an exchange failed. A cancelled one did not. */
export const isError = ({ outcome }: TraceRow): boolean =>
  outcome !== 'ok' && outcome !== 'cancelled';

interface Found {
  readonly header: TraceHeader;
  readonly rows: TraceRow[];
  readonly places: Map<number, Place>;
  readonly jobs: TraceJob[];
  end: TraceInfo['end'];
  lost: number;
  unreadable: number;
}

async function readAll(path: string, file: FileHandle, signal: AbortSignal): Promise<Found> {
  let found: Found | undefined;
  const names = new Map<string, string>();
  for await (const line of readLines(file, MAX_LINE, signal)) {
    if (found === undefined) found = begun(path, headerOf(path, line));
    else take(found, line, names);
  }
  if (found === undefined) throw notTrace(path, 'it is empty');
  return found;
}

const begun = (_path: string, header: TraceHeader): Found => ({
  header,
  rows: [],
  places: new Map(),
  jobs: [],
  end: 'open',
  lost: 0,
  unreadable: 0,
});

function headerOf(path: string, { bytes }: Line): TraceHeader {
  try {
    return parseHeader(parseLine(bytes?.toString('utf8') ?? ''));
  } catch (error) {
    throw notTrace(path, (error as Error).message);
  }
}

/** Adds a line to what was found. Never throws for a bad line. */
function take(found: Found, line: Line, names: Map<string, string>): void {
  let fields: JsonFields;
  try {
    fields = parseLine(line.bytes?.toString('utf8') ?? '');
    takeFields(found, line, fields, names);
  } catch (error) {
    if (!isEngineError(error, 'trace.format')) throw error;
    // A process that died, or is still writing, leaves an unfinished line.
    if (!line.unfinished) found.unreadable++;
  }
}

function takeFields(
  found: Found,
  { offset, length }: Line,
  fields: JsonFields,
  names: Map<string, string>,
): void {
  const { kind } = fields.parsed;
  if (kind === 'exchange') {
    const { row } = parseExchange(fields);
    if (found.rows.length >= MAX_EXCHANGES || found.places.has(row.sequence)) {
      found.unreadable++;
      return;
    }
    found.places.set(row.sequence, { offset, length });
    found.rows.push(shared(row, names));
  } else if (kind === 'job') {
    if (found.jobs.length >= MAX_JOBS) return;
    found.jobs.push({ id: fields.text('id', 64), title: fields.text('title', 1024) });
  } else if (kind === 'lost') found.lost += fields.integer('exchanges', 0, 2 ** 40);
  else if (kind === 'full') found.end = 'full';
  else if (kind === 'end') {
    found.lost = fields.integer('lost', 0, 2 ** 40);
    if (found.end === 'open') found.end = 'complete';
  }
}

/** Returns the row with texts that rows have in common held once. */
function shared(row: TraceRow, names: Map<string, string>): TraceRow {
  const one = (text: string): string => {
    const known = names.get(text);
    if (known === undefined) names.set(text, text);
    return known ?? text;
  };
  const { host, about, action, resource, outcome, job, phase } = row;
  return {
    ...row,
    host: one(host),
    about: one(about),
    action: one(action),
    resource: one(resource),
    outcome: one(outcome),
    job: job && one(job),
    phase: phase && one(phase),
  };
}

const notTrace = (path: string, why: string): Error =>
  traceError('trace.format', `${path} is not a recording of Refpoint: ${why}`, { data: { path } });

function unreadable(path: string, error: unknown): Error {
  const { message } = error as Error;
  return traceError('trace.file', `The recording ${path} cannot be read: ${message}`, {
    data: { path },
    cause: error,
  });
}
