import { portableFileName } from '../../../source/platform/path-flavour.ts';
import type { KeepEvidence } from '../../read/contract/method.ts';
import { evidencePath } from '../../store/contract/layout.ts';
import type { Reserved } from '../record/run-record.ts';

/**
 * Whether a run compares the two readers of its method: the first one of a VM by that method, and each
 * one that checks the tracker.
 */
export function comparesReaders({
  options,
  plan,
  points,
}: Pick<Reserved, 'options' | 'plan' | 'points'>): boolean {
  if (options.checkTracker !== 'off') return true;
  return !points.some(
    (point) => point.state === 'complete' && point.manifest.method === plan.method,
  );
}

/**
 * Returns the function that keeps evidence of a run that will not be committed: the point's folder is
 * removed after it.
 */
export const keepEvidence =
  ({ deps, vmId, pointId }: Pick<Reserved, 'deps' | 'vmId' | 'pointId'>): KeepEvidence =>
  async (slot, name, bytes, signal) => {
    const path = evidencePath(vmId, pointId, portableFileName(`${slot}-${name}`));
    await deps.store.replaceFile(path, bytes, signal);
    return path;
  };
