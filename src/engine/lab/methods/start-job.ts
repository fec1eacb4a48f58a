import { instanceReference } from '../rows/shared/ids.ts';
import type { Affected } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';
import type { LabVm } from '../state/state.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import { RETURN } from './arguments.ts';

export interface JobKind {
  readonly type: number;
  readonly caption: string;
  /**
   * The VM that shows the operation as its status as soon as the call is answered, even before the
   * job begins.
   */
  readonly busy?: { readonly vm: LabVm; readonly operation: number };
}

/**
 * Starts a job and answers 4096 with its reference; its results are found only through
 * Msvm_AffectedJobElement.
 */
export function startJob(
  lab: Lab,
  call: MethodCall,
  { type, caption, busy }: JobKind,
  work: (progress: (percent: number) => void, signal: AbortSignal) => Promise<readonly Affected[]>,
): MethodResult {
  if (lab.faults.strike('state.invalid') !== undefined) return { returnValue: RETURN.invalidState };
  if (busy !== undefined) lab.operations.set(busy.vm.id, busy.operation);
  const ended = (): void => {
    if (busy !== undefined) lab.operations.delete(busy.vm.id);
  };
  const job = lab.jobs.start({ type, caption, owner: call.caller, work, ended });
  return {
    returnValue: RETURN.jobStarted,
    out: { Job: instanceReference(job.className, job.id) },
  };
}
