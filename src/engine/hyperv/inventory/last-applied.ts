import type { Guid } from '../../base/guid.ts';
import { isCimError } from '../../cim/cim-errors.ts';
import type { CimClient } from '../../cim/client.ts';
import { associatorsOf } from '../../cim/wql.ts';
import { CLASS, vmReference } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

/**
 * The InstanceID of the checkpoint that a VM was last reverted to, through Msvm_LastAppliedSnapshot; null if there is none.
 * What a host answers after a revert, and whether it keeps the row when that checkpoint is removed, is UNCONFIRMED, so a host
 * that does not know the association is one that says nothing.
 */
export async function lastAppliedSnapshot(
  client: CimClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<string | null> {
  const wql = associatorsOf(vmReference(vmId), {
    assocClass: 'Msvm_LastAppliedSnapshot',
    resultClass: CLASS.settings,
  });
  try {
    for await (const instance of client.query(wql, signal)) {
      return new WmiRecord(instance).text('InstanceID');
    }
    return null;
  } catch (error) {
    if (isCimError(error, 'noClass', 'badQuery')) return null;
    throw error;
  }
}
