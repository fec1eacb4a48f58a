import { JobFailure } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';
import type { LabVm } from '../state/state.ts';

const FAILED = 32768;
const NOT_SUPPORTED = 32770;
const INVALID_STATE = 32775;

/** Returns the host paths of the disks that VMs share, each once. */
export function sharedFiles(vms: readonly LabVm[]): readonly string[] {
  const files = new Map<string, string>();
  for (const { disks } of vms) {
    for (const { kind, files: own } of disks) {
      const file = own.at(-1);
      if (kind === 'shared' && file !== undefined) files.set(file.toLowerCase(), file);
    }
  }
  return [...files.values()];
}

/**
 * Throws if the members of a collection cannot be frozen together (hyperv-wmi 2.5): the guest cluster
 * does not answer (32768), a shared disk is a CSV in the guest (32770), has no owner or several
 * (32775), belongs to a VM that is not a member, or is not a VHD Set.
 */
export function requireFreezable(lab: Lab, members: readonly LabVm[]): void {
  const files = sharedFiles(members);
  if (files.length === 0) return;
  if (lab.faults.strike('cluster.silent') !== undefined) {
    throw new JobFailure(FAILED, 'The guest cluster could not be queried.');
  }
  if (lab.faults.strike('cluster.csv') !== undefined) {
    throw new JobFailure(NOT_SUPPORTED, 'A shared disk is a cluster shared volume in the guest.');
  }
  const owners = lab.faults.number('cluster.owners', 2);
  if (owners !== undefined) {
    throw new JobFailure(INVALID_STATE, `A shared disk has ${owners} owners; expected one.`);
  }
  for (const file of files) {
    if (!/\.vhds$/i.test(file)) {
      throw new JobFailure(FAILED, `${file} is a shared VHDX, which has no checkpoints.`);
    }
    const outside = holdersOf(lab, file).find((vm) => !members.includes(vm));
    if (outside !== undefined) {
      throw new JobFailure(FAILED, `“${outside.name}” shares ${file} and is not a member.`);
    }
  }
}

/** Returns the VMs that have a shared disk. */
export const holdersOf = (lab: Lab, file: string): readonly LabVm[] =>
  lab.vms.filter((vm) => sharedFiles([vm]).some((own) => own.toLowerCase() === file.toLowerCase()));
