import { isEngineError } from '../../base/errors.ts';
import type { CimClient } from '../../cim/client.ts';
import { invoke, type CallResult } from './invoke.ts';
import { finishCall } from './jobs.ts';
import type { ArgumentsOf, Operation } from './operation.ts';

const JOB_STARTED = 4096;
/** Maximum number of jobs to wait for in one question. */
const MAX_JOBS = 3;

/**
 * Calls a method that reads, and repeats the call until its answer is not a started job: waits for
 * the job and then sends the same call again, whose answer holds the results (UNCONFIRMED: seen in
 * one other client, for GetVirtualDiskChanges). Throws the errors of `finishCall`.
 */
export async function question<Op extends Operation>(
  client: CimClient,
  operation: Op,
  args: ArgumentsOf<Op>,
  signal: AbortSignal,
): Promise<CallResult> {
  for (let jobs = 0; ; jobs++) {
    const result = await invoke(client, operation, args, signal);
    if (result.returnValue !== JOB_STARTED || jobs >= MAX_JOBS) return result;
    try {
      await finishCall(client, operation.method, result, signal);
    } catch (error) {
      // A job that vanished has ended: the next answer tells how.
      if (!isEngineError(error, 'host.job.lost')) throw error;
    }
  }
}
