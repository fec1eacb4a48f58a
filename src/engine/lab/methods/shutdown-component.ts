import { ownerOf } from '../rows/shared/ids.ts';
import type { Lab } from '../model/lab.ts';
import { setState, STATE } from '../model/vm-state.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import { RETURN } from './contract/arguments.ts';

/** Shuts a guest down or restarts it through its integration services, without a job. */
export async function shutdownComponent(lab: Lab, call: MethodCall): Promise<MethodResult> {
  const key = Object.entries(call.target.keys).find(([name]) => name.toLowerCase() === 'deviceid');
  const vm = lab.ownerOf(ownerOf(key?.[1] ?? ''));
  if (vm === undefined) return { returnValue: RETURN.invalidParameter };
  if (typeof call.args['Reason'] !== 'string') return { returnValue: RETURN.invalidParameter };
  if (vm.enabledState !== STATE.running) return { returnValue: RETURN.invalidState };
  const restarts = call.method === 'InitiateReboot';
  await setState(lab, vm, restarts ? STATE.running : STATE.off);
  return { returnValue: RETURN.done };
}
