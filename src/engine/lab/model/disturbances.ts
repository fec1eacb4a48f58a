import { delay } from '../../base/abort.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import type { Lab } from './lab.ts';
import { moveAway } from './moved-vms.ts';

/** Milliseconds that a request waits for a VM to move; a busy VM moves afterwards. */
const MOVE_WAIT = 100;

/** Faults that change the host before a request is carried out. */
export async function disturb(lab: Lab): Promise<void> {
  const moved = lab.faults.strike('vm.moved');
  if (moved === undefined) return;
  const vms = moved.value === null ? lab.vms : [lab.vm(moved.value)];
  const moves = Promise.all(vms.map((vm) => moveAway(lab, vm, undefined)));
  lab.inBackground(moves.then(() => undefined));
  await Promise.race([moves, delay(MOVE_WAIT, lab.stopping).catch(() => undefined)]);
}

/** Whether the host does not answer because it restarts; the fault begins with the first request. */
export function isRebooting(lab: Lab): boolean {
  const duration = lab.faults.number('host.rebooting', 5000);
  if (duration !== undefined && lab.rebootsUntil < Date.now()) {
    lab.rebootsUntil = Date.now() + duration;
    lab.faults.clearOne('host.rebooting');
    // Jobs end with the host, and nobody finds them afterwards.
    lab.jobs.forget();
    lab.contextsLost = true;
  }
  return Date.now() < lab.rebootsUntil;
}

/**
 * Whether the host shows no objects of Hyper-V: VMMS is stopped, or the account has no rights, which
 * gives empty answers and no error (hyperv-wmi 7).
 */
export const isEmpty = (lab: Lab): boolean =>
  lab.faults.isOn('rights.missing') || lab.faults.isOn('vmms.stopped');

/** Throws if VMMS does not run: the provider cannot be reached. */
export function requireVmms(lab: Lab): void {
  if (lab.faults.strike('vmms.stopped') !== undefined) {
    throw new CimFault('unavailable', 'The RPC server is unavailable.');
  }
}
