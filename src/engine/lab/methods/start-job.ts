import { instanceReference } from '../cim/ids.ts';
import type { Affected } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import { RETURN } from './arguments.ts';

/** Starts a job and answers 4096 with its reference; results are found through Msvm_AffectedJobElement only. */
export function startJob(
  lab: Lab,
  call: MethodCall,
  { type, caption }: { readonly type: number; readonly caption: string },
  work: (progress: (percent: number) => void, signal: AbortSignal) => Promise<readonly Affected[]>,
): MethodResult {
  if (lab.faults.strike('state.invalid') !== undefined) return { returnValue: RETURN.invalidState };
  const job = lab.jobs.start({ type, caption, owner: call.caller, work });
  return {
    returnValue: RETURN.jobStarted,
    out: { Job: instanceReference(job.className, job.id) },
  };
}
