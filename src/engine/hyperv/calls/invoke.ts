import type { CimClient } from '../../cim/client.ts';
import type { CimReference } from '../../cim/model.ts';
import { serviceReference } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { encodeArguments, type ArgumentsOf, type Operation } from './operation.ts';

/** Answer of a method. */
export interface CallResult {
  readonly returnValue: number;
  readonly out: WmiRecord;
}

/**
 * Calls a method and returns its answer, whatever the return value. The client resends the call
 * only if the operation is repeatable.
 * @param target the called instance; if undefined, the only instance of the class.
 */
export async function invoke<Op extends Operation>(
  client: CimClient,
  operation: Op,
  args: ArgumentsOf<Op>,
  signal: AbortSignal,
  target: CimReference = serviceReference(operation.className),
): Promise<CallResult> {
  const { method, repeatable } = operation;
  const call = { target, method, args: encodeArguments(operation, args), repeatable };
  const { returnValue, out } = await client.invoke(call, signal);
  return { returnValue, out: new WmiRecord({ className: method, properties: out }) };
}
