import { delay } from '../../base/abort.ts';
import { isEngineError } from '../../base/errors.ts';
import type { CimClient } from '../../cim/client.ts';
import { invoke } from './invoke.ts';
import { finishCall, type FinishedJob } from './jobs.ts';
import type { ArgumentsOf, Operation } from './operation.ts';

/**
 * Maximum number of retries while the host answers “invalid state” (32775), and milliseconds before
 * the first.
 */
const RETRIES = 6;
const FIRST_PAUSE = 250;

/**
 * Calls a method of a service and waits for its job. Retries an operation with `waitsForState`,
 * with growing pauses, while a merge or another job makes the host answer 32775. Throws the errors
 * of `finishCall`.
 */
export async function perform<Op extends Operation>(
  client: CimClient,
  operation: Op,
  args: ArgumentsOf<Op>,
  signal: AbortSignal,
): Promise<FinishedJob | undefined> {
  const retries = operation.waitsForState ? RETRIES : 0;
  for (let attempt = 0; ; attempt++) {
    try {
      const result = await invoke(client, operation, args, signal);
      return await finishCall(client, operation.method, result, signal);
    } catch (error) {
      if (!isEngineError(error, 'host.busy') || attempt >= retries) throw error;
      await delay(FIRST_PAUSE * 2 ** attempt, signal);
    }
  }
}
