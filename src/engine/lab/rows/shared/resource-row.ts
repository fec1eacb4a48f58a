import { cimInstance, type CimInstance, type CimValue } from '../../../cim/model.ts';
import type { Lab } from '../../model/lab.ts';
import { caption } from '../../texts/captions.ts';

/** The pool of templates, which enumerations of settings also return. */
const POOL = 'Microsoft:Definition\\70BB60D2-A9D3-46AA-B654-3DE53004B4F8\\Default';

/** Creates a row of resource settings with the values that most of them share. */
export function resourceRow(
  lab: Lab,
  className: string,
  properties: Readonly<Record<string, CimValue>> & { readonly ElementName: string },
): CimInstance {
  const name = caption(lab.state.language, properties.ElementName);
  return cimInstance(className, {
    AllocationUnits: 'count',
    AutomaticAllocation: true,
    AutomaticDeallocation: true,
    Caption: name,
    ConsumerVisibility: 3,
    Description: 'Settings for a resource of the lab.',
    Limit: 1n,
    PoolID: '',
    Reservation: 1n,
    VirtualQuantity: 1n,
    VirtualQuantityUnits: 'count',
    Weight: 0,
    ...properties,
    ElementName: name,
  });
}

/** Returns the default settings of a kind of resource: a row that belongs to no VM. */
export function templateRow(
  lab: Lab,
  className: string,
  subType: string,
  type: number,
): CimInstance {
  return resourceRow(lab, className, {
    ElementName: 'Hard Disk Image Default Settings',
    InstanceID: POOL,
    ResourceSubType: subType,
    ResourceType: type,
  });
}
