import { instanceReference } from '../../rows/shared/ids.ts';
import { JobFailure, type Affected, type Warned } from '../../model/jobs.ts';
import type { Lab } from '../../model/lab.ts';
import type { LabVm } from '../../state/state.ts';
import type { MethodCall, MethodResult } from '../../wmi/repository.ts';
import { RETURN } from './arguments.ts';

export interface JobKind {
  readonly type: number;
  readonly caption: string;
  /** Out parameter that names what was created, if the method answers 0. */
  readonly result?: string;
  /** The out parameter is an array of everything that was created or changed. */
  readonly list?: boolean;
  /**
   * The VM that shows the operation as its status as soon as the call is answered, even before the
   * job begins.
   */
  readonly busy?: { readonly vm: LabVm; readonly operation: number };
}

type Work = (
  progress: (percent: number) => void,
  signal: AbortSignal,
) => Promise<readonly Affected[] | Warned>;

/**
 * Starts a job and answers 4096 with its reference; its results are found only through
 * Msvm_AffectedJobElement. With the fault `job.none` the work is done before the answer 0.
 */
export function startJob(
  lab: Lab,
  call: MethodCall,
  kind: JobKind,
  work: Work,
): MethodResult | Promise<MethodResult> {
  const { type, caption, busy } = kind;
  if (lab.faults.strike('state.invalid') !== undefined) return { returnValue: RETURN.invalidState };
  if (busy !== undefined) lab.operations.set(busy.vm.id, busy.operation);
  const ended = (): void => {
    if (busy !== undefined) lab.operations.delete(busy.vm.id);
  };
  if (lab.faults.strike('job.none') !== undefined) return workAtOnce(lab, kind, work, ended);
  const job = lab.jobs.start({ type, caption, owner: call.caller, work, ended });
  return {
    returnValue: RETURN.jobStarted,
    out: { Job: instanceReference(job.className, job.id) },
  };
}

/** Returns the code of a failure as the method's own return value. */
async function workAtOnce(
  lab: Lab,
  { result, list }: JobKind,
  work: Work,
  ended: () => void,
): Promise<MethodResult> {
  try {
    const done = await work(() => undefined, lab.stopping);
    const affected = 'warnings' in done ? done.affected : done;
    const created = affected.filter(({ effect }) => effect === 5).map((each) => each.reference);
    const [first] = created;
    const value = list === true ? created : first;
    const out = result === undefined || value === undefined ? {} : { [result]: value };
    return { returnValue: RETURN.done, out };
  } catch (error) {
    return { returnValue: error instanceof JobFailure ? error.code : RETURN.failed };
  } finally {
    ended();
  }
}
