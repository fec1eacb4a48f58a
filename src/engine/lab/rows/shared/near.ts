import type { Lab } from '../../model/lab.ts';
import type { LabVm } from '../../state/state.ts';
import type { Near } from '../../wmi/repository.ts';

/** Properties whose values hold the GUID of the VM, checkpoint or reference point. */
const IDENTIFYING: ReadonlySet<string> = new Set([
  'name',
  'instanceid',
  'virtualsystemidentifier',
  'systemname',
  'deviceid',
  'configurationid',
]);

/**
 * Returns the VMs whose rows can have the texts of `near`: one VM if a GUID is among them, so that a
 * request for one object does not read a thousand. The list is of this moment.
 */
export function vmsNear(lab: Lab, near: Near | undefined): readonly LabVm[] {
  return systemsNear(lab, near).filter(({ planned }) => planned !== true);
}

/** The same with planned VMs. */
export function systemsNear(lab: Lab, near: Near | undefined): readonly LabVm[] {
  for (const [property, text] of near ?? []) {
    if (!IDENTIFYING.has(property)) continue;
    const id = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i.exec(text)?.[0];
    if (id === undefined) continue;
    const owner = lab.ownerOf(id);
    return owner === undefined ? [] : [owner];
  }
  return [...lab.systems];
}
