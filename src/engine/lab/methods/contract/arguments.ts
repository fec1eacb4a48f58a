import {
  keyOf,
  VIRTUALIZATION,
  type CimInstance,
  type CimReference,
  type CimValue,
  isCimEmbedded,
  isCimReference,
} from '../../../cim/model.ts';
import { objectPathHost, parseObjectPath } from '../../../cim/object-path.ts';
import {
  ownerOf,
  referencePointReference,
  settingsReference,
  vmReference,
} from '../../rows/shared/ids.ts';
import { findCheckpoint } from '../../model/checkpoints.ts';
import type { Lab } from '../../model/lab.ts';
import type { LabCheckpoint, LabReferencePoint, LabVm } from '../../state/state.ts';
import { sameKeys } from '../../wmi/class-table.ts';

/** Return values of Hyper-V's methods (table B). */
export const RETURN = {
  done: 0,
  jobStarted: 4096,
  failed: 32768,
  accessDenied: 32769,
  notSupported: 32770,
  invalidParameter: 32773,
  inUse: 32774,
  invalidState: 32775,
} as const;

/** Returns a key of a reference argument; the name is compared without case. */
function keyOfArgument(value: CimValue | undefined, name: string): string | undefined {
  return isCimReference(value) ? keyOf(value, name) : undefined;
}

/** Returns the VM of a reference; Name alone was seen to be enough in a parameter. */
export function vmArgument(lab: Lab, value: CimValue | undefined): LabVm | undefined {
  if (!isCimReference(value) || !/^(CIM|Msvm)_ComputerSystem$/i.test(value.className)) {
    return undefined;
  }
  const id = keyOfArgument(value, 'Name')?.toLowerCase() ?? '';
  const vm = lab.ownerOf(id);
  return vm?.id === id && vm.planned !== true ? vm : undefined;
}

/** Returns the planned VM with both keys of the value. */
export function plannedArgument(lab: Lab, value: CimValue | undefined): LabVm | undefined {
  const id = keyOfArgument(value, 'Name')?.toLowerCase() ?? '';
  const vm = lab.ownerOf(id);
  return vm?.planned === true && names(value, vmReference(vm)) ? vm : undefined;
}

/** Returns the VM, planned or realized, whose active settings a reference names. */
export function settingsArgument(lab: Lab, value: CimValue | undefined): LabVm | undefined {
  const id = ownerOf(keyOfArgument(value, 'InstanceID') ?? '');
  const vm = lab.ownerOf(id);
  return vm?.id === id && names(value, settingsReference(id)) ? vm : undefined;
}

/** Returns the SettingData arguments of an array; undefined if one has no known class. */
export function embeddedArguments(value: CimValue | undefined): readonly CimInstance[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const list = (value as readonly CimValue[]).map((each) =>
    isCimEmbedded(each) ? each.embedded : undefined,
  );
  return list.includes(undefined) ? undefined : (list as CimInstance[]);
}

export function checkpointArgument(
  lab: Lab,
  value: CimValue | undefined,
): { vm: LabVm; checkpoint: LabCheckpoint } | undefined {
  const id = keyOfArgument(value, 'InstanceID');
  if (id === undefined) return undefined;
  const found = findCheckpoint(lab, ownerOf(id));
  const fits = found !== undefined && names(value, settingsReference(found.checkpoint.id));
  return fits ? found : undefined;
}

/** Returns the reference point with both keys of the value; one key does not identify it. */
export function referencePointArgument(
  lab: Lab,
  value: CimValue | undefined,
): { vm: LabVm; point: LabReferencePoint } | undefined {
  for (const vm of lab.vms) {
    const point = vm.referencePoints.find((each) =>
      names(value, referencePointReference(vm, each)),
    );
    if (point !== undefined) return { vm, point };
  }
  return undefined;
}

/** Whether a reference has the class and exactly the keys of `wanted`. */
export function names(value: CimValue | undefined, wanted: CimReference): boolean {
  return (
    isCimReference(value) &&
    value.className.toLowerCase() === wanted.className.toLowerCase() &&
    sameKeys(wanted.keys, value.keys)
  );
}

/**
 * Parses an object path, the form of references inside SettingData. Returns undefined if it names
 * another host or namespace, or `\\.\`: the behaviour of VMMS is UNCONFIRMED for it, so the lab
 * does not resolve it.
 */
export function pathReference(lab: Lab, value: CimValue | undefined): CimReference | undefined {
  if (typeof value !== 'string') return undefined;
  const path = parseObjectPath(value);
  const host = objectPathHost(value)?.toLowerCase() ?? lab.state.machineName.toLowerCase();
  if (path === undefined) return undefined;
  if (host !== lab.state.machineName.toLowerCase()) return undefined;
  const { namespace = VIRTUALIZATION, className, keys } = path;
  return namespace.toLowerCase() === VIRTUALIZATION ? { className, keys } : undefined;
}

/** Returns a SettingData argument of the right class. */
export function embeddedArgument(
  value: CimValue | undefined,
  className: string,
): CimInstance | undefined {
  return isCimEmbedded(value) && value.embedded.className === className
    ? value.embedded
    : undefined;
}

export const numberOf = (value: CimValue | undefined): number | undefined =>
  typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;

export const textOf = (value: CimValue | undefined): string =>
  typeof value === 'string' ? value : '';
