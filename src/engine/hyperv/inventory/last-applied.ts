import { isEngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import type { WsmanClient } from '../../cim/client.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

/**
 * The InstanceID of the checkpoint that a VM was last reverted to, through Msvm_LastAppliedSnapshot; null if there is none.
 * What a host answers after a revert, and whether it keeps the row when that checkpoint is removed, is UNCONFIRMED, so a host
 * that does not know the association is one that says nothing.
 */
export async function lastAppliedSnapshot(
  client: WsmanClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<string | null> {
  const vm = `${CLASS.computerSystem}.CreationClassName='${CLASS.computerSystem}',Name='${vmId.toUpperCase()}'`;
  const wql = `ASSOCIATORS OF {${vm}} WHERE AssocClass = Msvm_LastAppliedSnapshot ResultClass = ${CLASS.settings}`;
  try {
    for await (const instance of client.query(wql, signal)) {
      return new WmiRecord(instance).text('InstanceID');
    }
    return null;
  } catch (error) {
    if (isEngineError(error, 'wsman.fault.noClass', 'wsman.fault.cannotProcessFilter')) return null;
    throw error;
  }
}
