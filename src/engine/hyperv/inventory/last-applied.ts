import type { Guid } from '../../base/guid.ts';
import { isCimError } from '../../cim/cim-errors.ts';
import type { CimClient } from '../../cim/client.ts';
import { CLASS, vmReference } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

/**
 * Returns the InstanceID of the checkpoint to which a VM was last reverted, through
 * Msvm_LastAppliedSnapshot; null if there is not one. The host's answer after a revert, and whether
 * it keeps the row when that checkpoint is removed, is UNCONFIRMED; so a host without this
 * association counts as having no answer.
 */
export async function lastAppliedSnapshot(
  client: CimClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<string | null> {
  const query = {
    object: vmReference(vmId),
    assocClass: 'Msvm_LastAppliedSnapshot',
    resultClass: CLASS.settings,
  };
  try {
    for await (const { instance } of client.associators(query, signal)) {
      return new WmiRecord(instance).text('InstanceID');
    }
    return null;
  } catch (error) {
    if (isCimError(error, 'noClass', 'badQuery')) return null;
    throw error;
  }
}
