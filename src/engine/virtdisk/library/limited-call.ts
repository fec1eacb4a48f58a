import { unlessAborted } from '../../native/slow-calls.ts';
import { virtdiskError } from '../contract/virtdisk-errors.ts';

/** Time limit for one call, in milliseconds: a driver that takes longer counts as hung. */
const CALL_LIMIT_MS = 120_000;

/** A call to virtdisk.dll, for messages. */
export interface NamedCall {
  /** Name of the function. */
  readonly name: string;
  readonly path: string;
}

/**
 * Waits for a call until the signal aborts or the time is up. A running call cannot be interrupted: it
 * continues alone, and `late` gets its result. Throws the signal's reason, or `virtdisk.timedOut`.
 *
 * @param begin starts the call; its signal ends the wait for a free thread
 * @param limitMs in milliseconds
 */
export async function limitedCall(
  { name, path }: NamedCall,
  begin: (signal: AbortSignal) => Promise<number>,
  late: (result: number) => Promise<void>,
  signal: AbortSignal,
  limitMs = CALL_LIMIT_MS,
): Promise<number> {
  const limit = AbortSignal.timeout(limitMs);
  const either = AbortSignal.any([signal, limit]);
  const call = begin(either);
  try {
    return await unlessAborted(call, either);
  } catch (error) {
    call.then(late).catch(() => undefined);
    if (signal.aborted || !limit.aborted) throw error;
    throw virtdiskError(
      'virtdisk.timedOut',
      `${name} did not answer within ${limitMs / 1000} s for ${path}`,
      { data: { call: name, path } },
    );
  }
}
