import path from 'node:path';
import { newGuid, type Guid } from '../../base/guid.ts';
import { createChild } from '../files/disk-files.ts';
import {
  removeCheckpointConfiguration,
  writeCheckpointConfiguration,
} from './configuration-files.ts';
import { activeFile } from './guest.ts';
import { JobFailure } from './jobs.ts';
import { OPERATION, type Lab } from './lab.ts';
import { startMerges } from './merges.ts';
import { makeFile } from './new-disks.ts';
import type {
  FrozenDisk,
  LabCheckpoint,
  LabDisk,
  LabReferencePoint,
  LabVm,
} from '../state/state.ts';

/** Hyper-V's “invalid state for this operation”. */
export const INVALID_STATE = 32775;

export interface NewCheckpoint {
  readonly type: 'user' | 'recovery';
  readonly consistency: 1 | 2;
  /** Snapshots of the VHD Sets, by the host path of the set; without one a shared disk is left out. */
  readonly shared?: ReadonlyMap<string, Guid>;
}

/**
 * Freezes every disk of a VM at one instant and creates an AVHDX on top of each. Nothing is written
 * in between, because guest writes wait for the VM's lock. Seals a generation of change tracking.
 */
export async function createCheckpoint(
  lab: Lab,
  vm: LabVm,
  request: NewCheckpoint,
  signal: AbortSignal,
): Promise<LabCheckpoint> {
  requireReady(lab, vm, request);
  const work = (): Promise<LabCheckpoint> => freeze(lab, vm, request, signal);
  return during(lab, vm, OPERATION.creatingSnapshot, () => lab.exclusively(vm, work, signal));
}

/** Throws if a VM cannot have a new checkpoint. */
export function requireReady(lab: Lab, vm: LabVm, request: NewCheckpoint): void {
  refuseWhileMerging(vm);
  if (request.type === 'recovery' && vm.checkpoints.some((each) => each.type === 'recovery')) {
    throw new JobFailure(
      INVALID_STATE,
      'A backup checkpoint of this virtual machine exists already.',
    );
  }
  if (
    request.consistency === 1 &&
    (vm.enabledState !== 2 || lab.faults.strike('consistency.fail') !== undefined)
  ) {
    throw new JobFailure(
      32768,
      'The guest could not be brought into a consistent state (0x800423F4).',
    );
  }
}

/** Creates the checkpoint of a VM. The caller holds the VM's lock. */
export async function freeze(
  lab: Lab,
  vm: LabVm,
  request: NewCheckpoint,
  signal: AbortSignal,
): Promise<LabCheckpoint> {
  const id = newGuid();
  const frozen: FrozenDisk[] = [];
  const children: { disk: LabDisk; child: string }[] = [];
  for (const disk of vm.disks.filter((each) => each.kind !== 'passthrough')) {
    const file = activeFile(disk);
    if (disk.kind === 'shared') {
      const snapshotId = request.shared?.get(file.toLowerCase());
      const { slot, trackingId } = disk;
      if (snapshotId !== undefined)
        frozen.push({ slot, path: file, generation: 0, trackingId, snapshotId });
      continue;
    }
    await makeFile(lab, disk, signal);
    const child = childName(disk);
    await createChild(lab.local(file), lab.local(child), file, signal);
    children.push({ disk, child });
    const generation = await (await lab.tracker(disk)).seal(signal);
    frozen.push({ slot: disk.slot, path: file, generation, trackingId: disk.trackingId });
  }
  const checkpoint: LabCheckpoint = {
    id,
    name: checkpointName(vm, request.type),
    type: request.type,
    created: new Date().toISOString(),
    consistency: request.consistency,
    parent: vm.checkpoints.at(-1)?.id ?? null,
    disks: frozen,
    exports: [],
  };
  await writeCheckpointConfiguration(lab, vm, id);
  for (const { disk, child } of children) disk.files.push(child);
  vm.checkpoints.push(checkpoint);
  await lab.save();
  return checkpoint;
}

/** Removes a checkpoint; the files above its frozen ones are merged in the background. */
export async function destroyCheckpoint(
  lab: Lab,
  vm: LabVm,
  checkpoint: LabCheckpoint,
  signal: AbortSignal,
): Promise<void> {
  await during(lab, vm, OPERATION.deletingSnapshot, () =>
    lab.exclusively(
      vm,
      async () => {
        requirePresent(vm, checkpoint);
        await removeCheckpoint(lab, vm, checkpoint);
      },
      signal,
    ),
  );
  startMerges(lab, vm);
}

/**
 * Converts a backup checkpoint to a reference point: removes the checkpoint and keeps its
 * generation.
 */
export async function convertCheckpoint(
  lab: Lab,
  vm: LabVm,
  checkpoint: LabCheckpoint,
  signal: AbortSignal,
): Promise<LabReferencePoint> {
  if (checkpoint.type !== 'recovery') {
    // The code of a real host is UNCONFIRMED here.
    throw new JobFailure(INVALID_STATE, 'Only a backup checkpoint can become a reference point.');
  }
  const point = await lab.exclusively(
    vm,
    async () => {
      requirePresent(vm, checkpoint);
      const made = newReferencePoint(
        lab,
        vm,
        checkpoint.consistency,
        checkpoint.disks.filter(({ snapshotId }) => snapshotId === undefined),
        checkpoint.exports,
      );
      vm.referencePoints.push(made);
      for (const disk of vm.disks) delete disk.untracked;
      await removeCheckpoint(lab, vm, checkpoint);
      return made;
    },
    signal,
  );
  startMerges(lab, vm);
  return point;
}

/**
 * Creates a reference point of the current state, without a checkpoint (as other products and
 * administrators do).
 */
export async function createReferencePoint(
  lab: Lab,
  vm: LabVm,
  consistency: 1 | 2,
  signal: AbortSignal,
): Promise<LabReferencePoint> {
  refuseWhileMerging(vm);
  if (vm.checkpoints.some((each) => each.type === 'recovery')) {
    throw new JobFailure(INVALID_STATE, 'A backup checkpoint exists.');
  }
  return lab.exclusively(
    vm,
    async () => {
      const disks: FrozenDisk[] = [];
      for (const disk of vm.disks.filter(({ kind }) => kind === 'vhdx' || kind === 'vhd')) {
        const generation = await (await lab.tracker(disk)).seal(signal);
        disks.push({
          slot: disk.slot,
          path: activeFile(disk),
          generation,
          trackingId: disk.trackingId,
        });
      }
      const made = newReferencePoint(lab, vm, consistency, disks, []);
      vm.referencePoints.push(made);
      await lab.save();
      return made;
    },
    signal,
  );
}

/** Removes a reference point and the generations that can no longer be queried. */
export async function destroyReferencePoint(
  lab: Lab,
  vm: LabVm,
  point: LabReferencePoint,
  signal: AbortSignal,
): Promise<void> {
  await lab.exclusively(
    vm,
    async () => {
      const at = vm.referencePoints.indexOf(point);
      if (at < 0)
        throw new JobFailure(INVALID_STATE, 'The reference point does not exist any more.');
      vm.referencePoints.splice(at, 1);
      await lab.save();
      for (const disk of vm.disks) {
        const held = [...vm.referencePoints, ...vm.checkpoints]
          .flatMap((each) => each.disks)
          .filter((each) => each.slot === disk.slot && each.trackingId === disk.trackingId);
        const tracker = await lab.tracker(disk);
        const oldest = Math.min(tracker.generation, ...held.map((each) => each.generation));
        await tracker.prune(oldest, signal);
      }
    },
    signal,
  );
}

/** If two jobs would remove the same checkpoint, the second fails. */
function requirePresent(vm: LabVm, checkpoint: LabCheckpoint): void {
  if (vm.checkpoints.includes(checkpoint)) return;
  throw new JobFailure(INVALID_STATE, 'The checkpoint does not exist any more.');
}

async function removeCheckpoint(lab: Lab, vm: LabVm, checkpoint: LabCheckpoint): Promise<void> {
  vm.checkpoints.splice(vm.checkpoints.indexOf(checkpoint), 1);
  for (const { slot, path: file, snapshotId } of checkpoint.disks) {
    if (snapshotId === undefined) vm.disks.find((disk) => disk.slot === slot)?.merges.push(file);
  }
  await lab.save();
  await removeCheckpointConfiguration(lab, vm, checkpoint.id);
}

function newReferencePoint(
  lab: Lab,
  vm: LabVm,
  consistency: 1 | 2,
  disks: readonly FrozenDisk[],
  exports: LabReferencePoint['exports'],
): LabReferencePoint {
  const id = newGuid().toUpperCase();
  const instanceId =
    lab.state.hostVersion === '2025'
      ? `Microsoft:${id}`
      : `Microsoft:${vm.id.toUpperCase()}\\${id}`;
  return {
    instanceId,
    consistency,
    created: new Date().toISOString(),
    disks: disks.map(({ slot, generation, trackingId }) => ({ slot, generation, trackingId })),
    exports,
  };
}

/** Marks the VM as busy while `work` runs. */
export async function during<T>(
  lab: Lab,
  vm: LabVm,
  operation: number,
  work: () => Promise<T>,
): Promise<T> {
  lab.operations.set(vm.id, operation);
  try {
    return await work();
  } finally {
    lab.operations.delete(vm.id);
  }
}

function refuseWhileMerging(vm: LabVm): void {
  if (vm.disks.some((disk) => disk.merges.length > 0)) {
    throw new JobFailure(INVALID_STATE, 'The disks of the virtual machine are being merged.');
  }
}

/** Returns `<base>_<GUID>.avhdx` (VHD: `.avhd`) beside the disk, with the base name of the root. */
export function childName(disk: LabDisk): string {
  const root = disk.files[0] ?? '';
  const { dir, name } = path.win32.parse(root);
  return `${dir}\\${name}_${newGuid().toUpperCase()}.${disk.kind === 'vhd' ? 'avhd' : 'avhdx'}`;
}

function checkpointName(vm: LabVm, type: 'user' | 'recovery'): string {
  const stamp = new Date().toISOString().slice(0, 19).replace('T', ' - ');
  // The name of backup checkpoints is UNCONFIRMED.
  return type === 'user' ? `${vm.name} - (${stamp})` : `${vm.name} - Backup - (${stamp})`;
}

/** Finds the checkpoint with this ID in any VM. */
export function findCheckpoint(
  lab: Lab,
  id: string,
): { readonly vm: LabVm; readonly checkpoint: LabCheckpoint } | undefined {
  const wanted = id.toLowerCase() as Guid;
  const vm = lab.ownerOf(wanted);
  const checkpoint = vm?.checkpoints.find((each) => each.id === wanted);
  return vm === undefined || checkpoint === undefined ? undefined : { vm, checkpoint };
}
