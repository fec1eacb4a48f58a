import type { Argument, CimClient } from '../../../src/engine/cim/client.ts';
import { finishCall, type FinishedJob } from '../../../src/engine/hyperv/calls/jobs.ts';
import { serviceReference } from '../../../src/engine/hyperv/wmi-classes.ts';
import { WmiRecord } from '../../../src/engine/hyperv/wmi-record.ts';

/** Calls any method of a service, as another product does, and waits for its job. */
export async function rawCall(
  client: CimClient,
  service: string,
  method: string,
  args: Readonly<Record<string, Argument>>,
  signal: AbortSignal,
): Promise<FinishedJob | undefined> {
  const call = { target: serviceReference(service), method, args, repeatable: false };
  const { returnValue, out } = await client.invoke(call, signal);
  const record = new WmiRecord({ className: method, properties: out });
  return finishCall(client, method, { returnValue, out: record }, signal);
}
