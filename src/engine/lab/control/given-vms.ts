import fs from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../source/platform/file-errors.ts';
import type { Lab } from '../model/lab.ts';
import { startMerges } from '../model/merges.ts';
import type { LabVm } from '../state/state.ts';
import type { GivenVm } from './operations.ts';

/**
 * Gives a VM away as a live migration without shared storage does: with its checkpoints, reference
 * points and change tracking. This lab remembers only to which node it went.
 */
export function giveVm(lab: Lab, vm: LabVm, node: string, signal: AbortSignal): Promise<GivenVm> {
  return lab.exclusively(
    vm,
    async () => {
      for (const disk of vm.disks) await lab.closeTracking(disk);
      const given = structuredClone(vm);
      // Without disks, so that the active files are under their own names when they are moved.
      Object.assign(vm, { movedTo: node, disks: [], checkpoints: [], referencePoints: [] });
      await lab.save();
      return {
        vm: given,
        files: folderOf(lab, vm.id),
        tracking: path.join(lab.folder, 'rct'),
      };
    },
    signal,
  );
}

/** Takes a VM of another lab: moves its files to the same host path here, and starts it. */
export async function takeVm(lab: Lab, { vm, files, tracking }: GivenVm): Promise<LabVm> {
  const here = folderOf(lab, vm.id);
  await fs.mkdir(path.dirname(here), { recursive: true });
  await move(files, here);
  const folder = path.join(lab.folder, 'rct');
  await fs.mkdir(folder, { recursive: true });
  for (const { trackingId } of vm.disks) {
    for (const name of [`${trackingId}.rct.json`, `${trackingId}.mrt`]) {
      await move(path.join(tracking, name), path.join(folder, name));
    }
  }
  const taken: LabVm = { ...vm };
  delete taken.movedTo;
  const at = lab.state.vms.findIndex(({ id }) => id === vm.id);
  lab.state.vms.splice(at < 0 ? lab.state.vms.length : at, at < 0 ? 0 : 1, taken);
  await lab.save();
  startMerges(lab, taken);
  return taken;
}

/** Returns the local folder of a VM's files, of which the lab holds none now. */
function folderOf(lab: Lab, vmId: string): string {
  return path.join(lab.paths.localRoot, 'VMs', vmId.toUpperCase());
}

async function move(from: string, to: string): Promise<void> {
  await fs.rename(from, to).catch((error: unknown) => {
    // Disks that were never opened have neither files nor tracking.
    if (systemCode(error) !== 'ENOENT') throw error;
  });
}
