import { tryParseGuid } from '../../base/guid.ts';
import { isCimError } from '../../cim/cim-errors.ts';
import type { CimClient } from '../../cim/client.ts';
import type { CimInstance } from '../../cim/model.ts';
import { like, not, select } from '../../cim/wql.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { unseenService } from './unseen-service.ts';

/**
 * Returns the host's own computer name in upper case, as its services report it (SystemName equals
 * Name in the host's row of Msvm_ComputerSystem). Throws `host.rights` if the account cannot see
 * the service, `host.vmms` if the service does not run.
 */
export async function hostComputerName(client: CimClient, signal: AbortSignal): Promise<string> {
  for await (const instance of client.enumerate(CLASS.managementService, signal)) {
    return new WmiRecord(instance).requireText('SystemName').toUpperCase();
  }
  throw await unseenService(client, signal);
}

/**
 * Returns the name that the host reports for itself: its own row of Msvm_ComputerSystem is the one
 * whose Name is not a GUID. Null if the account sees no such row. Queries by the shape of the name,
 * so that a host with a thousand VMs does not list them; if the query fails or finds nothing, lists
 * all rows.
 */
export async function ownRowName(client: CimClient, signal: AbortSignal): Promise<string | null> {
  const wql = select(CLASS.computerSystem, not(like('Name', GUID_SHAPE)));
  try {
    const name = await firstOwnName(client.query(wql, signal));
    if (name !== null) return name;
  } catch (error) {
    if (!isCimError(error, 'badQuery')) throw error;
  }
  return firstOwnName(client.enumerate(CLASS.computerSystem, signal));
}

/** A GUID as a LIKE pattern: any character for each digit. Computer names are shorter. */
const GUID_SHAPE = [8, 4, 4, 4, 12].map((digits) => '_'.repeat(digits)).join('-');

async function firstOwnName(rows: AsyncIterable<CimInstance>): Promise<string | null> {
  for await (const instance of rows) {
    const name = new WmiRecord(instance).text('Name') ?? '';
    if (name !== '' && tryParseGuid(name) === undefined) return name;
  }
  return null;
}
