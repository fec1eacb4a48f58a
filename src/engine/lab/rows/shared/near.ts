import { createHash } from 'node:crypto';
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
  for (const [property, text] of near ?? []) {
    if (!IDENTIFYING.has(property)) continue;
    const id = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i.exec(text)?.[0];
    if (id === undefined) continue;
    const owner = lab.ownerOf(id);
    return owner === undefined ? [] : [owner];
  }
  return [...lab.vms];
}

/** Returns a GUID in upper case that depends on the text alone. */
export function guidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex').toUpperCase();
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`];
  return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}
