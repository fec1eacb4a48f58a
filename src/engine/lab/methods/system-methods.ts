import { vmReference } from '../rows/shared/ids.ts';
import type { Lab } from '../model/lab.ts';
import { canReach, changeState, setState, STATE } from '../model/vm-state.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import { numberOf, RETURN, vmArgument } from './contract/arguments.ts';
import { startJob } from './contract/start-job.ts';

/** Return values of RequestStateChange of a system (hyperv-wmi 1.1). */
const INVALID_TRANSITION = 4097;

/** RequestedState: the state that results, and the JobType. */
const REQUESTS: Readonly<Record<number, { readonly state: number; readonly type: number }>> = {
  2: { state: STATE.running, type: 12 },
  3: { state: STATE.off, type: 13 },
  4: { state: STATE.off, type: 16 },
  6: { state: STATE.saved, type: 14 },
  9: { state: STATE.paused, type: 26 },
  32768: { state: STATE.paused, type: 26 },
  32769: { state: STATE.saved, type: 14 },
};
/** Reboot and reset: the VM runs before and after. */
const RESTARTS: ReadonlySet<number> = new Set([10, 11]);

/** Methods of a virtual machine; the host itself does not change its state so. */
export async function systemMethods(lab: Lab, call: MethodCall): Promise<MethodResult> {
  const vm = vmArgument(lab, call.target);
  const requested = numberOf(call.args['RequestedState']);
  if (vm === undefined || requested === undefined) return { returnValue: RETURN.notSupported };
  if (typeof call.args['TimeoutPeriod'] === 'string') return { returnValue: 4098 };
  const restarts = RESTARTS.has(requested);
  const request = restarts ? { state: STATE.running, type: 12 } : REQUESTS[requested];
  if (request === undefined) return { returnValue: RETURN.invalidParameter };
  const possible = restarts ? vm.enabledState === STATE.running : canReach(vm, request.state);
  if (!possible || lab.operations.has(vm.id)) return { returnValue: INVALID_TRANSITION };
  const kind = { type: request.type, caption: 'Changing State' };
  return startJob(lab, call, kind, async () => {
    if (restarts) await setState(lab, vm, request.state);
    else await changeState(lab, vm, request.state);
    return [{ reference: vmReference(vm), effect: 0 }];
  });
}
