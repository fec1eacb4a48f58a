import { delay } from '../../base/abort.ts';
import { isEngineError } from '../../base/errors.ts';
import type { WsmanClient } from '../../cim/client.ts';
import type { Argument } from '../../cim/model.ts';
import { finishCall, type FinishedJob } from './jobs.ts';
import { serviceReference } from '../wmi-classes.ts';

/** How often, and how long apart, a call is tried again while the host says “invalid state” (32775). */
const RETRIES = 6;
const FIRST_PAUSE = 250;

/**
 * Calls a method of a singleton service and waits for its job. While a merge or another job makes the host answer
 * 32775 the call is repeated with growing pauses: nothing was done then.
 */
export async function callService(
  client: WsmanClient,
  service: string,
  method: string,
  args: Readonly<Record<string, Argument>>,
  signal: AbortSignal,
): Promise<FinishedJob | undefined> {
  const target = serviceReference(service);
  for (let attempt = 0; ; attempt++) {
    try {
      const result = await client.invoke(target, method, args, signal);
      return await finishCall(client, method, result, signal);
    } catch (error) {
      if (!isEngineError(error, 'host.busy') || attempt >= RETRIES) throw error;
      await delay(FIRST_PAUSE * 2 ** attempt, signal);
    }
  }
}
