import { parseObjectPath } from '../../net/wsman/object-path.ts';
import { selector } from '../../net/wsman/reference.ts';
import { ownerOf } from '../cim/ids.ts';
import { findCheckpoint } from '../model/checkpoints.ts';
import type { Lab } from '../model/lab.ts';
import type { LabCheckpoint, LabReferencePoint, LabVm } from '../model/state.ts';
import { isCimEmbedded, isCimReference } from '../wmi/cim-value.ts';
import type { CimInstance, CimValue } from '../wmi/repository.ts';

/** Return values of Hyper-V's methods (table B). */
export const RETURN = {
  done: 0,
  jobStarted: 4096,
  failed: 32768,
  accessDenied: 32769,
  notSupported: 32770,
  invalidParameter: 32773,
  invalidState: 32775,
} as const;

/** A key of a reference argument, whatever its case. */
function keyOf(value: CimValue | undefined, name: string): string | undefined {
  return isCimReference(value)
    ? selector({ resourceUri: '', selectors: value.keys }, name)
    : undefined;
}

export function vmArgument(lab: Lab, value: CimValue | undefined): LabVm | undefined {
  const id = keyOf(value, 'Name')?.toLowerCase();
  return lab.state.vms.find((vm) => vm.id === id);
}

export function checkpointArgument(
  lab: Lab,
  value: CimValue | undefined,
): { vm: LabVm; checkpoint: LabCheckpoint } | undefined {
  const id = keyOf(value, 'InstanceID');
  return id === undefined ? undefined : findCheckpoint(lab, ownerOf(id));
}

export function referencePointArgument(
  lab: Lab,
  value: CimValue | undefined,
): { vm: LabVm; point: LabReferencePoint } | undefined {
  return findReferencePoint(lab, keyOf(value, 'InstanceID'));
}

export function findReferencePoint(
  lab: Lab,
  instanceId: string | undefined,
): { vm: LabVm; point: LabReferencePoint } | undefined {
  const wanted = instanceId?.toLowerCase();
  for (const vm of lab.state.vms) {
    const point = vm.referencePoints.find((each) => each.instanceId.toLowerCase() === wanted);
    if (point !== undefined) return { vm, point };
  }
  return undefined;
}

/** The InstanceID in an object path, the form of references inside SettingData. */
export function pathInstanceId(value: CimValue | undefined): string | undefined {
  const reference = typeof value === 'string' ? parseObjectPath(value) : undefined;
  return reference && selector(reference, 'InstanceID');
}

/** A SettingData argument of the right class. */
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
