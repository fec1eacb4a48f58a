import { fileProblem } from './attach-disk.ts';
import { JobFailure } from './jobs.ts';
import type { Lab } from './lab.ts';
import type { LabVm } from '../state/state.ts';
import { INVALID_STATE } from './checkpoints.ts';

/** EnabledState of a VM. */
export const STATE = { running: 2, off: 3, saved: 6, paused: 9 } as const;

/** Sets the state of a VM. */
export async function setState(lab: Lab, vm: LabVm, state: number): Promise<void> {
  vm.enabledState = state;
  vm.stateChanged = new Date().toISOString();
  await lab.save();
}

/** States from which a requested state can be reached; any other is an invalid transition. */
const FROM: Readonly<Record<number, readonly number[]>> = {
  [STATE.running]: [STATE.off, STATE.saved, STATE.paused],
  [STATE.off]: [STATE.running, STATE.saved, STATE.paused],
  [STATE.saved]: [STATE.running, STATE.paused],
  [STATE.paused]: [STATE.running],
};

export const canReach = (vm: LabVm, state: number): boolean =>
  FROM[state]?.includes(vm.enabledState) === true;

/** Changes the state of a VM as a job does: fails if another operation came first. */
export async function changeState(lab: Lab, vm: LabVm, state: number): Promise<void> {
  if (!canReach(vm, state)) {
    throw new JobFailure(INVALID_STATE, 'The virtual machine is not in a valid state.');
  }
  if (state === STATE.running) await requireFiles(lab, vm);
  await setState(lab, vm, state);
}

/** A VM whose disk is missing, or in use by another VM, does not start. */
async function requireFiles(lab: Lab, vm: LabVm): Promise<void> {
  for (const { files, unmade } of vm.disks) {
    const file = unmade === true ? undefined : files.at(-1);
    const problem = file === undefined ? undefined : await fileProblem(lab, vm, file);
    if (problem !== undefined) throw new JobFailure(32768, problem);
  }
}
