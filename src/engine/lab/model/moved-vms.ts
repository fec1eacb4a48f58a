import type { LabVm } from '../state/state.ts';
import type { Lab } from './lab.ts';

/** Name of the node to which VMs move unless another is given. */
const otherNode = (lab: Lab): string => `${lab.state.machineName}-2`;

/**
 * Moves a VM to another node, as a live migration does: with its checkpoints and reference points,
 * and without its files, which lie on shared storage. Waits for the operation in progress.
 */
export function moveAway(lab: Lab, vm: LabVm, node: string | undefined): Promise<void> {
  return lab.exclusively(
    vm,
    async () => {
      vm.movedTo = node ?? otherNode(lab);
      await lab.save();
    },
    lab.stopping,
  );
}

/** Moves a VM back to this host. */
export async function moveBack(lab: Lab, vm: LabVm): Promise<void> {
  delete vm.movedTo;
  await lab.save();
}
