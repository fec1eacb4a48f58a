import type { Guid } from '../../base/guid.ts';
import type { CimClient } from '../../cim/client.ts';
import type { EmbeddedInstance } from '../../cim/cim-xml.ts';
import { encodeObjectPath } from '../../cim/object-path.ts';
import { perform } from '../calls/perform.ts';
import { SYSTEM_OPERATION } from '../calls/system-operations.ts';
import { hostComputerName } from '../inventory/computer-name.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { settings } from './setting-types.ts';
import { systemRows } from './system-rows.ts';

/** EnabledState of a connection. */
export const CONNECTION = { connected: 2, disconnected: 3 } as const;

/** Returns the paths of the host's switches by their names. */
export async function switchPaths(
  client: CimClient,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const host = await hostComputerName(client, signal);
  for await (const { instance, reference } of client.enumerateWithReferences(
    CLASS.ethernetSwitch,
    signal,
  )) {
    const name = new WmiRecord(instance).text('ElementName');
    if (name !== null) found.set(name, encodeObjectPath(reference, host));
  }
  return found;
}

/** Switches of a host by those of a point; null: the adapters stay disconnected. */
export type SwitchMap = ReadonlyMap<string, string | null>;

/** Returns the switch for an adapter that was connected to `name`; null: it stays disconnected. */
export function switchFor(mapped: SwitchMap | undefined, name: string): string | null {
  if (mapped === undefined) return null;
  const to = mapped.get(name);
  return to === undefined ? name : to;
}

/**
 * Connects the adapters of a planned VM to the switches of the same names on this host, or as
 * `mapped` says; without `mapped` disconnects all.
 */
export async function setNetworks(
  client: CimClient,
  id: Guid,
  mapped: SwitchMap | undefined,
  signal: AbortSignal,
): Promise<void> {
  const rows = await systemRows(client, CLASS.ethernetConnection, id, signal);
  const switches =
    mapped === undefined ? new Map<string, string>() : await switchPaths(client, signal);
  const changes = rows.flatMap((row): EmbeddedInstance[] => {
    const InstanceID = row.requireText('InstanceID');
    const wasConnected = row.number('EnabledState') === CONNECTION.connected;
    const name = row.text('LastKnownSwitchName') ?? '';
    const to = switchFor(mapped, name);
    const path = to === null ? undefined : switches.get(to);
    if (!wasConnected || path === undefined) {
      if (to !== null && wasConnected) return [];
      const off = { InstanceID, EnabledState: CONNECTION.disconnected };
      return [settings(CLASS.ethernetConnection, off)];
    }
    return [settings(CLASS.ethernetConnection, { InstanceID, HostResource: [path] })];
  });
  if (changes.length === 0) return;
  const args = { ResourceSettings: changes };
  await perform(client, SYSTEM_OPERATION.modifyResourceSettings, args, signal);
}
