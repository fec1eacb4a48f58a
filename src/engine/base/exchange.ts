import type { TraceRow } from '../api/trace.ts';

/** Milliseconds since the exchange started; null for what did not happen. */
export type ExchangeTimings = Pick<TraceRow, 'queued' | 'sent' | 'firstByte' | 'done'>;

/** One request to a host with its answer, as a recorder receives it: unsealed, without secrets. */
export interface Exchange extends Omit<TraceRow, keyof ExchangeTimings | 'job' | 'phase'> {
  readonly timings: ExchangeTimings;
  /** Envelopes, without secrets and contents of files; the answer is empty if the host sent none. */
  readonly request: string;
  readonly answer: string;
}

/** Verbs at the beginning of methods that only read. */
const READING = /^(?:Get|Query|Test|Find|List|Check|Is)[A-Z]/;

/** Whether the name of a method says that it changes nothing on the host. */
export const isReadingMethod = (method: string): boolean => READING.test(method);

/** Receives every exchange with a host. */
export interface ExchangeRecorder {
  /** Returns the number of the next exchange; 0 if it is not to be recorded. */
  begin(): number;
  /** Receives a finished exchange, successful or not. Returns at once and never throws. */
  record(exchange: Exchange): void;
}
