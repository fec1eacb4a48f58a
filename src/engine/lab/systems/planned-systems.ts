import { newGuid, parseGuid, type Guid } from '../../base/guid.ts';
import { adaptersOf, SWITCH_NAME, switchId } from '../state/adapters.ts';
import type { HostVersion, LabVm } from '../state/state.ts';
import { diskInFile, fileProblem, unseenDisk } from '../model/attach-disk.ts';
import { INVALID_STATE } from '../model/checkpoints.ts';
import { readConfiguration } from '../model/configuration-files.ts';
import { JobFailure } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';

/** Newest version of a configuration that each host supports. */
export const NEWEST_VERSION: Readonly<Record<HostVersion, string>> = {
  '2012r2': '5.0',
  2016: '8.0',
  2019: '9.0',
  2022: '10.0',
  2025: '12.0',
};

/**
 * Makes a planned VM of a configuration file. Its disks are still those that the file names. Fails
 * for a newer version than the host's, and for an ID that a system of the host has.
 * @param fresh the planned VM gets an ID of its own
 */
export async function importSystem(lab: Lab, file: string, fresh: boolean): Promise<LabVm> {
  const found = await readConfiguration(lab, file);
  const newest = NEWEST_VERSION[lab.state.hostVersion];
  if (Number.parseFloat(found.version) > Number.parseFloat(newest)) {
    const why = `has version ${found.version}; this host supports versions up to ${newest}`;
    throw new JobFailure(32768, `The configuration of “${found.name}” ${why} (0x80070032).`);
  }
  const id: Guid = fresh ? newGuid() : parseGuid(found.id);
  if (lab.ownerOf(id) !== undefined) {
    // The code of a real host is UNCONFIRMED.
    throw new JobFailure(INVALID_STATE, `A virtual machine with the identifier ${id} exists.`);
  }
  const vm: LabVm = {
    id,
    name: found.name,
    enabledState: 3,
    configurationVersion: found.version,
    generation: found.generation,
    created: new Date().toISOString(),
    controllerId: parseGuid(found.controllerId),
    mergeEnabled: true,
    disks: found.disks.map(({ slot, kind, path }) => ({
      ...unseenDisk(slot, path),
      kind,
      ...(kind === 'passthrough' ? { files: [] } : {}),
    })),
    checkpoints: [],
    referencePoints: [],
    planned: true,
    ...(found.noController ? { noController: true } : {}),
    adapters: found.adapters.map((adapter) => ({ ...adapter })),
    changed: structuredClone(found.changed) as NonNullable<LabVm['changed']>,
  };
  lab.state.vms.push(vm);
  await lab.save();
  return vm;
}

/** Returns what keeps a planned VM from being realized, one text for each finding. */
export async function findingsOf(lab: Lab, vm: LabVm): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const { kind, slot, files } of vm.disks) {
    const file = files.at(-1);
    if (kind === 'passthrough') findings.push(`The physical disk at ${slot} is missing.`);
    const problem = file === undefined ? undefined : await fileProblem(lab, vm, file);
    if (problem !== undefined) findings.push(problem);
  }
  for (const { name, connected, switchId: wanted, switchName } of adaptersOf(lab.state, vm)) {
    if (!connected || wanted === switchId(lab.state)) continue;
    findings.push(`${name}: the Ethernet switch “${switchName}” cannot be found.`);
  }
  return findings;
}

/** Makes a VM of a planned one. Fails with the findings of {@link findingsOf}. */
export async function realizeSystem(lab: Lab, vm: LabVm): Promise<void> {
  const findings = await findingsOf(lab, vm);
  if (findings.length > 0) {
    throw new JobFailure(32768, `“${vm.name}” cannot be realized.`, findings);
  }
  for (const [at, { slot, files, kind }] of vm.disks.entries()) {
    const [file = ''] = files;
    vm.disks[at] = { ...(await diskInFile(lab, vm, slot, file)), kind };
  }
  delete vm.planned;
  await lab.save();
}

/** Makes a VM without disks and adapters. */
export async function defineSystem(
  lab: Lab,
  { name, generation, version }: Pick<LabVm, 'name' | 'generation'> & { readonly version: string },
): Promise<LabVm> {
  const vm: LabVm = {
    id: newGuid(),
    name,
    enabledState: 3,
    configurationVersion: version,
    generation,
    created: new Date().toISOString(),
    controllerId: newGuid(),
    mergeEnabled: true,
    disks: [],
    checkpoints: [],
    referencePoints: [],
    noController: true,
    adapters: [],
  };
  lab.state.vms.push(vm);
  await lab.save();
  return vm;
}

/** Removes a VM or a planned VM; the files of its disks stay. */
export async function destroySystem(lab: Lab, vm: LabVm): Promise<void> {
  lab.state.vms.splice(lab.state.vms.indexOf(vm), 1);
  await lab.save();
}

/** Returns the switch of this host with a GUID; undefined if the host has no such switch. */
export const switchOf = (lab: Lab, id: string): { id: string; name: string } | undefined =>
  id.toUpperCase() === switchId(lab.state)
    ? { id: switchId(lab.state), name: SWITCH_NAME }
    : undefined;
