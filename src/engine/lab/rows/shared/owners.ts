import { encodeObjectPath } from '../../../cim/object-path.ts';
import type { Lab } from '../../model/lab.ts';
import type { LabCheckpoint, LabDisk, LabVm } from '../../state/state.ts';
import type { Near } from '../../wmi/repository.ts';
import { systemsNear } from './near.ts';

/** Owner of settings and hardware: a VM's active settings, or a checkpoint. */
export interface Owner {
  readonly id: string;
  readonly vm: LabVm;
  /** Undefined: the active settings. */
  readonly checkpoint: LabCheckpoint | undefined;
  /**
   * Returns the file of a disk as the owner sees it; undefined if the owner does not have the disk.
   */
  readonly fileOf: (disk: LabDisk) => string | undefined;
}

/** Yields the owners of hardware whose GUID `near` names, or all. */
export function* owners(lab: Lab, near?: Near): Generator<Owner> {
  for (const vm of systemsNear(lab, near)) {
    yield { id: vm.id, vm, checkpoint: undefined, fileOf: (disk) => disk.files.at(-1) };
    for (const checkpoint of vm.checkpoints) {
      const fileOf = (disk: LabDisk): string | undefined =>
        checkpoint.disks.find((each) => each.slot === disk.slot)?.path;
      yield { id: checkpoint.id, vm, checkpoint, fileOf };
    }
  }
}

/** Returns the object path of an instance with the key InstanceID. */
export function objectPath(lab: Lab, className: string, InstanceID: string): string {
  return encodeObjectPath({ className, keys: { InstanceID } }, lab.state.machineName);
}
