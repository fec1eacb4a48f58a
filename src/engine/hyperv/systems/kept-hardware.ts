import type { CimClient } from '../../cim/client.ts';
import { isCimError } from '../../cim/cim-errors.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { systemRows } from './system-rows.ts';

/** A row of settings as text, JSON-safe. */
export interface KeptRow {
  readonly className: string;
  readonly properties: Readonly<Record<string, string | readonly string[] | null>>;
}

/** Maximum number of rows. */
const MAX_ROWS = 4096;

/**
 * Returns the settings of the hardware of a checkpoint: controllers, drives, disks, memory,
 * processors, adapters and integration components, by one query.
 * @param checkpointId InstanceID of the checkpoint's settings
 */
export async function hardwareRows(
  client: CimClient,
  checkpointId: string,
  signal: AbortSignal,
): Promise<readonly KeptRow[]> {
  const rows: KeptRow[] = [];
  const query = {
    object: { className: CLASS.settings, keys: { InstanceID: checkpointId } },
    assocClass: CLASS.settingsComponent,
  };
  for await (const { instance } of client.associators(query, signal)) {
    if (rows.length === MAX_ROWS) break;
    rows.push({ className: instance.className, properties: new WmiRecord(instance).toJson() });
  }
  return rows;
}

/**
 * Returns the boot sources and the security settings of a VM of generation 2, which name its TPM. Asked
 * for by their InstanceIDs: UNCONFIRMED that a host lists them with the other hardware.
 */
export async function firmwareRows(
  client: CimClient,
  vmId: string,
  signal: AbortSignal,
): Promise<readonly KeptRow[]> {
  const rowsOf = async (className: string): Promise<readonly WmiRecord[]> => {
    try {
      return await systemRows(client, className, vmId, signal);
    } catch (error) {
      // Server 2012 R2 has no security settings; over WS-Management the answer is an invalid query.
      if (className === CLASS.security && isCimError(error, 'noClass', 'badQuery')) return [];
      throw error;
    }
  };
  const rows: KeptRow[] = [];
  for (const className of [CLASS.bootSource, CLASS.security]) {
    for (const row of await rowsOf(className)) {
      if (rows.length < MAX_ROWS) rows.push({ className, properties: row.toJson() });
    }
  }
  return rows;
}
