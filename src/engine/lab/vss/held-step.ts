import { delay } from '../../base/abort.ts';
import type { Lab } from '../model/lab.ts';
import { hresultFor, VssCallError, type VssStepName } from './vss-fault.ts';

/** Time that a held step waits between two looks, in milliseconds. */
const HOLD_POLL = 50;

/** Waits as long as the fault `vss.hold` says, then fails if `vss.step` names the step. */
export async function holdStep(lab: Lab, step: VssStepName, signal: AbortSignal): Promise<void> {
  const { faults } = lab;
  const holds = (): boolean =>
    faults.list().some(({ name, value }) => name === 'vss.hold' && value === step);
  while (holds() && faults.isOn('vss.hold')) await delay(HOLD_POLL, signal);
  const hresult = stepCode(lab, 'vss.step', step);
  if (hresult !== undefined) throw new VssCallError(step, hresult);
}

/** Returns the HRESULT with which a step or an event fails, and counts it; undefined: it does not. */
export function stepCode(
  { faults }: Lab,
  fault: 'vss.step' | 'vss.writer',
  name: string,
): number | undefined {
  const value = faults.list().find((each) => each.name === fault)?.value ?? null;
  if (!faults.isOn(fault) || hresultFor(value, name) === undefined) return undefined;
  return hresultFor(faults.strike(fault)?.value ?? value, name);
}
