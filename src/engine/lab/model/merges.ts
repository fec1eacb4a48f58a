import fs from 'node:fs/promises';
import path from 'node:path';
import { delay } from '../../base/abort.ts';
import { USE } from '../files/file-shares.ts';
import { mergeFiles, relinkFile } from '../files/merge-files.ts';
import type { Lab } from './lab.ts';
import type { LabDisk, LabVm } from '../state/state.ts';

/** Milliseconds between checks of a merge that may not start yet. */
const POLL = 100;

/** Whether disks of the VM are being merged or wait for a merge. */
export function isMerging(vm: LabVm): boolean {
  return vm.disks.some((disk) => disk.merges.length > 0);
}

/** Runs pending merges in the background, also those from before a crash. */
export function startMerges(lab: Lab, vm: LabVm): void {
  if (isMerging(vm)) lab.inBackground(mergeAll(lab, vm));
}

async function mergeAll(lab: Lab, vm: LabVm): Promise<void> {
  const signal = lab.stopping;
  for (const disk of vm.disks) {
    while (disk.merges.length > 0) {
      while (!vm.mergeEnabled || lab.faults.strike('merge.stuck') !== undefined) {
        await delay(POLL, signal);
      }
      const queued = lab.faults.number('merge.queued', 5000);
      if (queued !== undefined) await delay(queued, signal);
      const release = await claimFiles(lab, vm, disk, signal);
      lab.merging.add(vm.id);
      try {
        const slow = lab.faults.number('merge.slow', 2000);
        if (slow !== undefined) await delay(slow, signal);
        const merge = lab.faults.strike('merge.left') === undefined ? mergeOne : leaveOne;
        await lab.exclusively(vm, () => merge(lab, vm, disk, signal), signal);
      } finally {
        lab.merging.delete(vm.id);
        release();
      }
    }
  }
}

/**
 * Opens the two files of the next merge as Hyper-V does: for itself to write, and the child to be removed;
 * others may read. Waits as long as a client of the file server is in the way.
 */
async function claimFiles(
  lab: Lab,
  vm: LabVm,
  disk: LabDisk,
  signal: AbortSignal,
): Promise<() => void> {
  const target = disk.merges[0];
  const child = disk.files[target === undefined ? -1 : disk.files.indexOf(target) + 1];
  const [parentFile, childFile] = [target, child].map((each) => each && lab.paths.toLocal(each));
  if (parentFile === undefined || childFile === undefined) return () => undefined;
  const writes = { uses: USE.read | USE.write, shares: USE.read, owner: vm.id };
  const removes = { ...writes, uses: USE.all };
  for (;;) {
    const parent = lab.shares.tryClaim(parentFile, writes);
    const removed = parent && lab.shares.tryClaim(childFile, removes);
    if (parent !== undefined && removed !== undefined) {
      return () => {
        parent();
        removed();
      };
    }
    parent?.();
    await delay(POLL, signal);
  }
}

/** Ends a merge without merging: the files stay unchanged. */
async function leaveOne(lab: Lab, _: LabVm, disk: LabDisk): Promise<void> {
  disk.merges.shift();
  await lab.save();
}

/**
 * Merges the file above the first waiting one into it. Every step can be repeated: the state names
 * the child until the parent holds everything and the grandchild points to the parent.
 */
async function mergeOne(lab: Lab, vm: LabVm, disk: LabDisk, signal: AbortSignal): Promise<void> {
  const target = disk.merges[0];
  const at = target === undefined ? -1 : disk.files.indexOf(target);
  const child = disk.files[at + 1];
  if (target === undefined || at < 0 || child === undefined) {
    disk.merges.shift();
    await lab.save();
    return;
  }
  const merged = await mergeFiles(lab.local(child), lab.local(target), signal);
  const grandchild = disk.files[at + 2];
  if (grandchild !== undefined) {
    const relativePath = `.\\${path.win32.basename(target)}`;
    const paths = { relativePath, absolutePath: target };
    await relinkFile(lab.local(grandchild), merged, paths, signal);
  }
  disk.files.splice(at + 1, 1);
  disk.merges.shift();
  // A later checkpoint that froze the child now refers to the merged file.
  disk.merges = disk.merges.map((each) => (each === child ? target : each));
  for (const checkpoint of vm.checkpoints) {
    checkpoint.disks = checkpoint.disks.map((frozen) =>
      frozen.path === child ? { ...frozen, path: target } : frozen,
    );
  }
  await lab.save();
  await fs.rm(lab.local(child), { force: true });
}
