import { isEngineError } from '../../base/errors.ts';
import { isReadingMethod, type ExchangeRecorder } from '../../base/exchange.ts';
import type { Log } from '../../base/log.ts';
import { newMarks, type ExchangeMarks } from '../http/exchange-marks.ts';
import { recordedEnvelope } from './recorded-envelope.ts';

/** A request that is ready to be sent. */
export interface Call {
  /** Describes the request for people, without arguments and therefore without secrets. */
  readonly about: string;
  readonly action: string;
  readonly resource: string;
  readonly envelope: string;
}

/** Facts of an exchange, filled while it runs. */
export interface Observed {
  readonly sequence: number;
  readonly marks: ExchangeMarks;
  /** Body of the answer after unsealing. */
  answer: Buffer | undefined;
}

export interface ExchangeObserver {
  readonly host: string;
  readonly log: Log;
  readonly redact: (text: string) => string;
  readonly recorder?: ExchangeRecorder | undefined;
}

/**
 * Runs one exchange, logs its duration and outcome, and hands it to the recorder, successful or
 * not.
 * @param first number of the first attempt if the request is repeated.
 */
export async function observed<T>(
  observer: ExchangeObserver,
  call: Call,
  first: number | null,
  signal: AbortSignal,
  work: (seen: Observed) => Promise<T>,
): Promise<T> {
  const { host, log, recorder } = observer;
  const seen: Observed = {
    sequence: recorder?.begin() ?? 0,
    marks: newMarks(),
    answer: undefined,
  };
  const [time, begun] = [Date.now(), performance.now()];
  let outcome = 'ok';
  try {
    return await work(seen);
  } catch (error) {
    outcome = signal.aborted ? 'cancelled' : isEngineError(error) ? error.code : 'internal';
    throw error;
  } finally {
    const done = performance.now() - begun;
    const data = { host, milliseconds: Math.round(done), outcome };
    log({ level: 'debug', area: 'exchange', message: call.about, data });
    if (recorder !== undefined && seen.sequence > 0) {
      const { connection, queued, sent, firstByte, ...facts } = seen.marks;
      const since = (at: number | null): number | null => at && rounded(at - begun);
      recorder.record({
        sequence: seen.sequence,
        retryOf: first,
        protocol: 'wsman',
        host,
        connection,
        about: call.about,
        action: call.action,
        resource: call.resource,
        changes: mayChange(call),
        started: time,
        timings: {
          queued: since(queued),
          sent: since(sent),
          firstByte: since(firstByte),
          done: rounded(done),
        },
        ...facts,
        outcome,
        request: recordedEnvelope(call.envelope, observer.redact),
        answer: recordedEnvelope(seen.answer?.toString('utf8') ?? '', observer.redact),
      });
    }
  }
}

/** To a hundredth of a millisecond. */
const rounded = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;

/** Whether a call may change something on the host: a method whose name does not say that it reads. */
function mayChange({ action, resource }: Call): boolean {
  if (resource === '' || !action.startsWith(`${resource}/`)) return false;
  return !isReadingMethod(action.slice(resource.length + 1));
}
