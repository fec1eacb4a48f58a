import type { CimClient } from '../../cim/client.ts';
import type { CimReference } from '../../cim/model.ts';
import { encodeObjectPath } from '../../cim/object-path.ts';
import { perform } from '../calls/perform.ts';
import { SYSTEM_OPERATION } from '../calls/system-operations.ts';
import { hostComputerName } from '../inventory/computer-name.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { settings } from './setting-types.ts';
import { systemRows } from './system-rows.ts';

/**
 * Puts devices of a VM of generation 2 first in its boot order, by ModifySystemSettings with the whole
 * BootSourceOrder; other sources follow as they were. A host may report success and change nothing, so
 * the order is read back. Returns what is wrong with it then.
 * @param owner the VM's settings
 * @param devices InstanceIDs of drives and adapters of the VM
 */
export async function setBootOrder(
  client: CimClient,
  owner: CimReference,
  id: string,
  devices: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const rows = await systemRows(client, CLASS.bootSource, id, signal);
  const sources = rows.map((row) => row.requireText('InstanceID'));
  // Seen on a host for adapters and DVD drives; that a disk's source has this name is UNCONFIRMED.
  const wanted = devices.flatMap(
    (device) => sources.find((each) => same(each, `${device}\\B`)) ?? [],
  );
  if (wanted.length < devices.length) return 'the host lists no boot source for a device of the VM';
  const read = async (): Promise<readonly string[]> =>
    new WmiRecord(await client.get(owner, signal)).texts('BootSourceOrder');
  const now = await read();
  const begins = (order: readonly string[]): boolean =>
    wanted.every((each, at) => names(order[at] ?? '', each));
  if (begins(now)) return undefined;
  const others = sources
    .filter((each) => !wanted.includes(each) && now.some((path) => names(path, each)))
    .sort((a, b) => place(now, a) - place(now, b));
  const host = await hostComputerName(client, signal);
  const BootSourceOrder = [...wanted, ...others].map((InstanceID) =>
    encodeObjectPath({ className: CLASS.bootSource, keys: { InstanceID } }, host),
  );
  const values = { InstanceID: owner.keys['InstanceID'] ?? '', BootSourceOrder };
  const args = { SystemSettings: settings(CLASS.settings, values) };
  await perform(client, SYSTEM_OPERATION.modifySystemSettings, args, signal);
  return begins(await read()) ? undefined : 'the host reported success and has another order';
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Whether an object path names a source. Hosts write its backslashes once or twice. */
const names = (path: string, id: string): boolean =>
  same(path.replaceAll('\\', '').replace(/^.*InstanceID="|"$/gi, ''), id.replaceAll('\\', ''));

const place = (order: readonly string[], id: string): number =>
  order.findIndex((path) => names(path, id));
