import { delay } from '../../../base/abort.ts';
import { isEngineError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';

/**
 * Effect of sending a request twice. `read`: none, so it may be repeated. `pull`: the first one may
 * have advanced the enumeration. `change`: the first one may have been carried out.
 */
export type Repetition = 'read' | 'pull' | 'change';

/** Milliseconds before the first retry; each further pause is twice as long, up to a maximum. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 8000;
/** Maximum number of retries after a lost connection, so that a vanished host is reported soon. */
const LOST_RETRIES = 2;

/** Failures of a busy or slow host, after which a read may succeed a little later. */
const TEMPORARY = [
  'wsman.fault.quota',
  'wsman.fault.busy',
  'wsman.fault.timedOut',
  'http.unavailable',
] as const;

/**
 * Whether a failed request may be sent again. Only the quota fault proves that nothing was done:
 * the service rejects such a request before it processes it. HTTP 503 may come from the service
 * itself and proves nothing.
 */
function mayRepeat(error: unknown, repetition: Repetition, lost: number): boolean {
  if (isEngineError(error, 'wsman.fault.quota')) return true;
  if (repetition !== 'read') return false;
  if (isEngineError(error, 'http.lost')) return lost < LOST_RETRIES;
  return isEngineError(error, ...TEMPORARY);
}

/** Reason why a batch of a running enumeration did not arrive. */
export class PullFailure extends Error {
  constructor(cause: unknown) {
    super('The next batch did not arrive', { cause });
  }
}

/**
 * Whether an enumeration may be restarted after a batch did not arrive: a batch whose answer was
 * lost cannot be requested again, and a context expires if the host takes long.
 */
function mayRestart(cause: unknown): boolean {
  return isEngineError(
    cause,
    'wsman.fault.busy',
    'wsman.fault.timedOut',
    'wsman.fault.invalidContext',
    'http.unavailable',
    'http.lost',
  );
}

export interface RetryOptions {
  readonly repetition: Repetition;
  /** Time limit in milliseconds for the request with all its retries. */
  readonly limit: number;
  readonly doing: string;
  readonly log: Log;
}

/**
 * Sends a request until it succeeds, fails permanently, or its time limit is reached; then throws
 * the last failure. `attempt` receives the remaining milliseconds.
 */
export async function withRetries<T>(
  options: RetryOptions,
  attempt: (left: number) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { repetition, limit, doing, log } = options;
  const end = performance.now() + limit;
  let lost = 0;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await attempt(Math.max(1, end - performance.now()));
    } catch (error) {
      const late = performance.now() + pause >= end;
      if (signal.aborted || late || !mayRepeat(error, repetition, lost)) throw error;
      if (isEngineError(error, 'http.lost')) lost++;
      const { message } = error as Error;
      log({
        level: 'info',
        area: 'wsman',
        message: `${doing}: retrying in ${pause} ms. ${message}`,
      });
      await delay(pause, signal);
    }
  }
}

/** Maximum number of consecutive restarts of an enumeration that deliver no further row. */
const RESTARTS = 4;

/**
 * Returns the pause in milliseconds before an enumeration is restarted because a batch did not
 * arrive; undefined if a restart would not help.
 * @param restarts number of restarts since the last progress.
 */
export function restartPause(cause: unknown, restarts: number): number | undefined {
  return restarts < RESTARTS && mayRestart(cause) ? FIRST_PAUSE * 2 ** restarts : undefined;
}
