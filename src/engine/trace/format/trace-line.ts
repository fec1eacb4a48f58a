import { createHash } from 'node:crypto';
import type { TraceRow } from '../../api/trace.ts';
import type { Exchange } from '../../base/exchange.ts';
import { JsonFields } from '../../base/json-fields.ts';
import { traceError } from './trace-errors.ts';

/**
 * Lines of a recording (TRACE.md): JSON objects with a `kind`. Readers ignore kinds and fields that
 * they do not know.
 */
export const TRACE_KIND = 'refpoint-trace';
const TRACE_VERSION = 1;

/** Maximum number of characters of an envelope; the rest is left out. */
const MAX_TEXT = 2 ** 20;
/** Maximum size of a line in bytes: two envelopes whose every character is escaped. */
export const MAX_LINE = 16 * 2 ** 20;
/** Maximum length of names, actions and descriptions in characters. */
const MAX_NAME = 4096;
/** Later than any time that a Date can hold is not a time. */
const MAX_TIME = 8.64e15;

const PROTOCOLS = ['wsman', 'powershell', 'smb'] as const;

export interface TraceHeader {
  readonly time: string;
  readonly engine: string;
  readonly command: string | null;
}

/** An exchange as the file holds it. */
export interface RecordedExchange {
  readonly row: TraceRow;
  readonly request: string;
  readonly answer: string;
  /** Characters left out at the end of the envelopes. */
  readonly requestCut: number;
  readonly answerCut: number;
}

/** Work to which an exchange belongs. */
export interface ExchangeOwner {
  readonly job: string | null;
  readonly phase: string | null;
}

export const headerLine = ({ time, engine, command }: TraceHeader): string =>
  line({ kind: TRACE_KIND, version: TRACE_VERSION, time, engine, command });

export const line = (fields: Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify(fields)}\n`;

/** Returns the line of an exchange. Envelopes come last, so that a person sees the facts first. */
export function exchangeLine(exchange: Exchange, owner: ExchangeOwner): string {
  const { timings, request, answer, ...facts } = exchange;
  return line({
    kind: 'exchange',
    ...facts,
    ...timings,
    ...owner,
    ...cutField('request', request),
    ...cutField('answer', answer),
    request: shortened(request),
    answer: shortened(answer),
  });
}

const shortened = (text: string): string =>
  text.length <= MAX_TEXT ? text : text.slice(0, MAX_TEXT).toWellFormed();

/** Length and hash of an envelope that is cut. */
function cutField(name: string, text: string): Readonly<Record<string, unknown>> {
  if (text.length <= MAX_TEXT) return {};
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { [`${name}Cut`]: { characters: text.length, sha256 } };
}

/** Parses a line to its fields. Throws `trace.format`. */
export function parseLine(text: string): JsonFields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('', 'is not JSON');
  }
  return new JsonFields(value, '', wrong).ignoringUnknown();
}

const wrong = (at: string, problem: string): Error =>
  traceError('trace.format', `Invalid line of a recording: ${at === '' ? 'it' : at} ${problem}`, {
    data: { field: at },
  });

/** Parses the first line. Throws `trace.format`. */
export function parseHeader(f: JsonFields): TraceHeader {
  f.oneOf('kind', [TRACE_KIND]);
  f.oneOf('version', [TRACE_VERSION]);
  return {
    time: f.time('time'),
    engine: f.text('engine', 64),
    command: f.nullable('command', () => f.text('command', MAX_NAME)),
  };
}

/** Parses an exchange. Throws `trace.format`. */
export function parseExchange(f: JsonFields): RecordedExchange {
  const row = {
    sequence: f.integer('sequence', 1),
    retryOf: f.nullable('retryOf', () => f.integer('retryOf', 1)),
    // Recordings of before have WS-Management only.
    protocol: f.optional('protocol', () => f.oneOf('protocol', PROTOCOLS)) ?? PROTOCOLS[0],
    host: f.text('host', MAX_NAME),
    connection: f.integer('connection'),
    about: f.text('about', MAX_NAME),
    action: f.text('action', MAX_NAME),
    resource: f.text('resource', MAX_NAME),
    changes: f.flag('changes'),
    started: f.integer('started', 0, MAX_TIME),
    queued: milliseconds(f, 'queued'),
    sent: milliseconds(f, 'sent'),
    firstByte: milliseconds(f, 'firstByte'),
    done: milliseconds(f, 'done') ?? 0,
    sentBytes: f.integer('sentBytes'),
    receivedBytes: f.integer('receivedBytes'),
    status: f.integer('status', 0, 999),
    outcome: f.text('outcome', 128),
    job: f.nullable('job', () => f.text('job', 64)),
    phase: f.nullable('phase', () => f.text('phase', MAX_NAME)),
  };
  const [request, answer] = [f.text('request', MAX_TEXT), f.text('answer', MAX_TEXT)];
  return {
    row,
    request,
    answer,
    requestCut: cutOf(f, 'requestCut', request),
    answerCut: cutOf(f, 'answerCut', answer),
  };
}

function milliseconds(f: JsonFields, name: string): number | null {
  const value = f.nullable(name, () => f.parsed[name]);
  if (value === null) return null;
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_TIME)) {
    throw wrong(name, 'is not a number of milliseconds');
  }
  return value;
}

function cutOf(f: JsonFields, name: string, kept: string): number {
  const whole = f.optional(name, () =>
    f.object(name, (cut) => {
      cut.text('sha256', 64);
      return cut.integer('characters');
    }),
  );
  return whole === null ? 0 : Math.max(0, whole - kept.length);
}
