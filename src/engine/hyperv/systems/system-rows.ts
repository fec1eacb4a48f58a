import type { CimClient } from '../../cim/client.ts';
import { like, select } from '../../cim/wql.ts';
import { WmiRecord } from '../wmi-record.ts';

/** Returns the rows of a class of a VM's active settings, by the GUID in their InstanceIDs. */
export async function systemRows(
  client: CimClient,
  className: string,
  id: string,
  signal: AbortSignal,
): Promise<readonly WmiRecord[]> {
  // The prefix contains no wildcard.
  const wql = select(className, like('InstanceID', `Microsoft:${id.toUpperCase()}\\%`));
  const rows: WmiRecord[] = [];
  for await (const instance of client.query(wql, signal)) rows.push(new WmiRecord(instance));
  return rows;
}
