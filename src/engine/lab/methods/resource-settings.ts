import type { CimInstance, CimReference, CimValue } from '../../cim/model.ts';
import { keyOf, isCimReference } from '../../cim/model.ts';
import { newGuid } from '../../base/guid.ts';
import { diskInFile, unseenDisk } from '../model/attach-disk.ts';
import { JobFailure } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';
import { switchOf } from '../systems/planned-systems.ts';
import { STATE } from '../model/vm-state.ts';
import { HARDWARE_CLASSES } from '../rows/hardware/hardware-rows.ts';
import {
  driveInstanceId,
  driveSlots,
  instanceReference,
  ownerOf,
  scsiController,
  settingsId,
  slotAt,
  slotOf,
  storageInstanceId,
} from '../rows/shared/ids.ts';
import { RASD, SASD } from '../rows/storage-rows.ts';
import { adaptersOf } from '../state/adapters.ts';
import type { LabAdapter, LabSetting, LabVm } from '../state/state.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import {
  embeddedArguments,
  pathReference,
  RETURN,
  settingsArgument,
  textOf,
} from './contract/arguments.ts';
import { startJob } from './contract/start-job.ts';
import { plainValue } from './system-settings.ts';

type Answer = MethodResult | Promise<MethodResult>;
type Properties = CimInstance['properties'];

const PORT = 'Msvm_SyntheticEthernetPortSettingData';
const CONNECTION = 'Msvm_EthernetPortAllocationSettingData';
const SUBTYPE = {
  controller: 'Microsoft:Hyper-V:Synthetic SCSI Controller',
  drive: 'Microsoft:Hyper-V:Synthetic Disk Drive',
  disk: 'Microsoft:Hyper-V:Virtual Hard Disk',
  port: 'Microsoft:Hyper-V:Synthetic Ethernet Port',
  connection: 'Microsoft:Hyper-V:Ethernet Connection',
} as const;

const invalid = (why: string): JobFailure => new JobFailure(32773, why);

/** Hardware of a VM changes while it is off or planned, and has no checkpoints. */
const isChangeable = (lab: Lab, vm: LabVm): boolean =>
  vm.enabledState === STATE.off && vm.checkpoints.length === 0 && !lab.operations.has(vm.id);

export function addResources(lab: Lab, call: MethodCall): Answer {
  const vm = settingsArgument(lab, call.args['AffectedConfiguration']);
  const resources = embeddedArguments(call.args['ResourceSettings']);
  if (vm === undefined || resources === undefined) return { returnValue: RETURN.invalidParameter };
  if (!isChangeable(lab, vm)) return { returnValue: RETURN.invalidState };
  const kind = { type: 30, caption: 'Adding Resources', ...LIST };
  return startJob(lab, call, kind, async () => {
    const made: CimReference[] = [];
    for (const each of resources) made.push(await addResource(lab, vm, each));
    await lab.save();
    return made.map((reference) => ({ reference, effect: 5 }));
  });
}

const LIST = { result: 'ResultingResourceSettings', list: true } as const;

/** Adds one resource and returns its reference. Fails as a job does. */
export async function addResource(
  lab: Lab,
  vm: LabVm,
  { className, properties }: CimInstance,
): Promise<CimReference> {
  const subType = textOf(properties.get('ResourceSubType'));
  if (className === RASD && subType === SUBTYPE.controller) return addController(vm);
  if (className === RASD && subType === SUBTYPE.drive) return addDrive(lab, vm, properties);
  if (className === SASD && subType === SUBTYPE.disk) return addDisk(lab, vm, properties);
  if (className === PORT && subType === SUBTYPE.port) return addPort(lab, vm, properties);
  if (className === CONNECTION && subType === SUBTYPE.connection) {
    return connect(lab, vm, properties);
  }
  throw invalid(`${className} with the type “${subType}” cannot be added.`);
}

function addController(vm: LabVm): CimReference {
  if (vm.noController !== true) {
    throw new JobFailure(32770, 'The lab emulates one SCSI controller for each VM.');
  }
  delete vm.noController;
  return instanceReference(RASD, `${settingsId(vm.id)}\\${scsiController(vm)}`);
}

function addDrive(lab: Lab, vm: LabVm, properties: Properties): CimReference {
  const controller = partOf(lab, vm, properties.get('Parent'), RASD);
  const address = textOf(properties.get('AddressOnParent'));
  const isMissing = controller === scsiController(vm) && vm.noController === true;
  const slot =
    isMissing || !/^\d{1,2}$/.test(address) ? undefined : slotAt(vm, controller, Number(address));
  if (slot === undefined) throw invalid(`${controller} has no slot “${address}”.`);
  if (driveSlots(vm).includes(slot)) throw invalid(`The slot ${address} is in use.`);
  vm.drives = [...(vm.drives ?? []), slot];
  return instanceReference(RASD, driveInstanceId(vm.id, vm, slot));
}

async function addDisk(lab: Lab, vm: LabVm, properties: Properties): Promise<CimReference> {
  const drive = partOf(lab, vm, properties.get('Parent'), RASD);
  const slot = slotOf(vm, `Microsoft:\\${drive}`);
  if (slot === undefined || vm.drives?.includes(slot) !== true) {
    throw invalid('The disk names no empty drive of the VM.');
  }
  vm.disks.push(await diskInFile(lab, vm, slot, hostResource(properties)));
  vm.disks.sort((a, b) => a.slot - b.slot);
  vm.drives = vm.drives.filter((each) => each !== slot);
  return instanceReference(SASD, storageInstanceId(vm.id, vm, slot));
}

function addPort(lab: Lab, vm: LabVm, properties: Properties): CimReference {
  const adapter: LabAdapter = {
    id: newGuid().toUpperCase(),
    noConnection: true,
    name: 'Network Adapter',
    mac: `00155D${newGuid().slice(0, 6).toUpperCase()}`,
    staticMac: false,
    connected: false,
    switchId: null,
    switchName: '',
  };
  changeAdapter(adapter, properties);
  vm.adapters = [...adaptersOf(lab.state, vm), adapter];
  return instanceReference(PORT, `${settingsId(vm.id)}\\${adapter.id}`);
}

function connect(lab: Lab, vm: LabVm, properties: Properties): CimReference {
  const adapter = ownAdapter(lab, vm, partOf(lab, vm, properties.get('Parent'), PORT));
  if (adapter.noConnection !== true) throw invalid('The adapter has a connection.');
  changeConnection(lab, adapter, properties);
  const state = properties.get('EnabledState');
  if (state === undefined || state === null) adapter.connected = true;
  delete adapter.noConnection;
  return instanceReference(CONNECTION, `${settingsId(vm.id)}\\${adapter.id}\\C`);
}

export function modifyResources(lab: Lab, call: MethodCall): Answer {
  const resources = embeddedArguments(call.args['ResourceSettings']);
  const targets = resources?.map((each) => {
    const id = textOf(each.properties.get('InstanceID'));
    const vm = lab.systems.find((other) => other.id === ownerOf(id));
    return vm === undefined ? undefined : { vm, id, ...each };
  });
  if (targets === undefined || targets.length === 0)
    return { returnValue: RETURN.invalidParameter };
  const known = targets.flatMap((each) => each ?? []);
  if (known.length < targets.length) return { returnValue: RETURN.invalidParameter };
  if (known.some(({ vm }) => !isChangeable(lab, vm))) return { returnValue: RETURN.invalidState };
  const kind = { type: 31, caption: 'Modifying Resources', ...LIST };
  return startJob(lab, call, kind, async () => {
    for (const { vm, id, className, properties } of known) {
      await modifyResource(lab, vm, id.slice(settingsId(vm.id).length + 1), className, properties);
    }
    await lab.save();
    return known.map(({ className, id }) => ({
      reference: instanceReference(className, id),
      effect: 5,
    }));
  });
}

/** @param part InstanceID after the VM's */
async function modifyResource(
  lab: Lab,
  vm: LabVm,
  part: string,
  className: string,
  properties: Properties,
): Promise<void> {
  if (className === SASD) {
    const slot = slotOf(vm, `Microsoft:\\${part}`);
    const at = vm.disks.findIndex((disk) => disk.slot === slot);
    if (slot === undefined || at < 0) throw invalid(`The VM has no disk ${part}.`);
    const file = hostResource(properties);
    // A planned VM may name a file that is not there yet: validation finds it.
    vm.disks[at] =
      vm.planned === true ? unseenDisk(slot, file) : await diskInFile(lab, vm, slot, file);
  } else if (className === PORT) {
    changeAdapter(ownAdapter(lab, vm, part), properties);
  } else if (className === CONNECTION) {
    changeConnection(lab, ownAdapter(lab, vm, part.replace(/\\C$/i, '')), properties);
  } else if (HARDWARE_CLASSES.includes(className)) {
    const changed: Record<string, LabSetting> = { ...vm.changed?.[part] };
    for (const [name, value] of properties) {
      if (name !== 'InstanceID' && value !== null) changed[name] = plainValue(name, value);
    }
    vm.changed = { ...vm.changed, [part]: changed };
  } else throw invalid(`${className} cannot be modified.`);
}

/** Removes disk files and then their drives; a drive with a disk in it stays. */
export function removeResources(lab: Lab, call: MethodCall): Answer {
  const value = call.args['ResourceSettings'];
  const targets = (Array.isArray(value) ? (value as readonly CimValue[]) : []).map((each) => {
    const id = isCimReference(each) ? (keyOf(each, 'InstanceID') ?? '') : '';
    const vm = lab.systems.find((other) => other.id === ownerOf(id));
    const slot = vm === undefined ? undefined : slotOf(vm, id);
    const className = isCimReference(each) ? each.className : '';
    return vm === undefined || slot === undefined ? undefined : { vm, slot, className };
  });
  const known = targets.flatMap((each) => each ?? []);
  if (known.length === 0 || known.length < targets.length) {
    return { returnValue: RETURN.invalidParameter };
  }
  if (known.some(({ vm }) => !isChangeable(lab, vm))) return { returnValue: RETURN.invalidState };
  return startJob(lab, call, { type: 32, caption: 'Removing Resources' }, async () => {
    for (const { vm, slot, className } of known) {
      const disk = vm.disks.find((each) => each.slot === slot);
      if (className === SASD && disk !== undefined && disk.kind !== 'passthrough') {
        vm.disks.splice(vm.disks.indexOf(disk), 1);
        vm.drives = [...(vm.drives ?? []), slot];
      } else if (className === RASD && (disk === undefined || disk.kind === 'passthrough')) {
        if (disk !== undefined) vm.disks.splice(vm.disks.indexOf(disk), 1);
        vm.drives = (vm.drives ?? []).filter((each) => each !== slot);
      } else throw new JobFailure(32768, 'A generic failure occurred (0x80041001).');
    }
    await lab.save();
    return [];
  });
}

/**
 * Returns the part of InstanceID after the VM's of the resource that an object path names. Fails for
 * one of another class, VM or host.
 */
function partOf(lab: Lab, vm: LabVm, path: CimValue | undefined, className: string): string {
  const reference = pathReference(lab, path);
  const id = reference === undefined ? '' : (keyOf(reference, 'InstanceID') ?? '');
  const owner = settingsId(vm.id);
  if (
    reference?.className !== className ||
    !id.toUpperCase().startsWith(`${owner.toUpperCase()}\\`)
  ) {
    throw invalid(`Parent names no ${className} of the VM.`);
  }
  return id.slice(owner.length + 1).toUpperCase();
}

function hostResource(properties: Properties): string {
  const value = properties.get('HostResource');
  const [file, more] = Array.isArray(value) ? (value as readonly CimValue[]) : [];
  if (typeof file !== 'string' || file === '' || more !== undefined) {
    throw invalid('HostResource is not one path.');
  }
  return file;
}

/** Returns an adapter of a VM, which gets adapters of its own. */
function ownAdapter(lab: Lab, vm: LabVm, id: string): LabAdapter {
  vm.adapters ??= adaptersOf(lab.state, vm).map((each) => ({ ...each }));
  const adapter = vm.adapters.find((each) => each.id.toUpperCase() === id.toUpperCase());
  if (adapter === undefined) throw invalid(`The VM has no adapter ${id}.`);
  return adapter;
}

function changeAdapter(adapter: LabAdapter, properties: Properties): void {
  const mac = properties.get('Address');
  if (typeof mac === 'string' && mac !== '') {
    if (!/^[0-9a-f]{12}$/i.test(mac)) throw invalid(`${mac} is not a MAC address.`);
    adapter.mac = mac.toUpperCase();
  }
  if (typeof properties.get('ElementName') === 'string') {
    adapter.name = textOf(properties.get('ElementName'));
  }
  if (typeof properties.get('StaticMacAddress') === 'boolean') {
    adapter.staticMac = properties.get('StaticMacAddress') === true;
  }
}

/** EnabledState: 2 connected, 3 not. */
function changeConnection(lab: Lab, adapter: LabAdapter, properties: Properties): void {
  const state = properties.get('EnabledState');
  if (state !== undefined && state !== null) adapter.connected = Number(state) === 2;
  const [path] = (properties.get('HostResource') ?? []) as readonly CimValue[];
  if (path === undefined) return;
  const reference = pathReference(lab, path);
  const id = reference === undefined ? '' : (keyOf(reference, 'Name') ?? '');
  const found = switchOf(lab, id);
  if (found === undefined) throw invalid('HostResource names no Ethernet switch of this host.');
  adapter.switchId = found.id;
  adapter.switchName = found.name;
}
