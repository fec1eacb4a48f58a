import { tryParseGuid, type Guid } from '../../base/guid.ts';
import type { CimClient } from '../../cim/client.ts';
import { isCimError } from '../../cim/cim-errors.ts';
import { select } from '../../cim/wql.ts';
import { CLASS, SYSTEM_TYPE } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import type { VirtualMachine } from '../inventory/virtual-machines.ts';
import { eachVirtualMachine } from '../inventory/vm-list.ts';

/** A VM, and the paths of its files as its settings name them. */
export interface FoundPlaces {
  readonly id: Guid;
  readonly name: string;
  readonly state: VirtualMachine['state'];
  /** Paths of disks and folders of the configuration. */
  readonly paths: readonly string[];
  /** The guest's backup component is in contact with the host; null if the host does not say. */
  readonly answers: boolean | null;
}

const VIRTUAL_HARD_DISK = 'Microsoft:Hyper-V:Virtual Hard Disk';
/** Folders of a VM's settings in which files of it lie. */
const FOLDERS = [
  'ConfigurationDataRoot',
  'SnapshotDataRoot',
  'SuspendDataRoot',
  'SwapFileDataRoot',
  'GuestStateDataRoot',
];
/** OperationalStatus of a component in contact with its guest. */
const OK = 2;

/** Lists the places of all VMs, by four queries for any number of them. */
export async function listPlaces(
  client: CimClient,
  signal: AbortSignal,
): Promise<readonly FoundPlaces[]> {
  const paths = new Map<Guid, string[]>();
  const add = (owner: string | undefined, path: string | null): void => {
    const id = tryParseGuid(owner ?? '');
    if (id === undefined || path === null || path === '') return;
    paths.set(id, [...(paths.get(id) ?? []), path]);
  };
  for await (const instance of client.query(select(CLASS.storage), signal)) {
    const row = new WmiRecord(instance);
    if (row.text('ResourceSubType') !== VIRTUAL_HARD_DISK) continue;
    add(
      /^Microsoft:([^\\]+)\\/.exec(row.text('InstanceID') ?? '')?.[1],
      row.texts('HostResource')[0] ?? null,
    );
  }
  for await (const instance of client.query(select(CLASS.settings), signal)) {
    const row = new WmiRecord(instance);
    if (row.text('VirtualSystemType') !== SYSTEM_TYPE.realized) continue;
    for (const name of FOLDERS) {
      add(row.text('VirtualSystemIdentifier') ?? undefined, row.text(name));
    }
  }
  const answers = await components(client, signal);
  const found: FoundPlaces[] = [];
  for await (const { id, name, state } of eachVirtualMachine(client, signal)) {
    found.push({ id, name, state, paths: paths.get(id) ?? [], answers: answers.get(id) ?? null });
  }
  return found;
}

async function components(
  client: CimClient,
  signal: AbortSignal,
): Promise<ReadonlyMap<Guid, boolean>> {
  const answers = new Map<Guid, boolean>();
  try {
    for await (const instance of client.query(select(CLASS.vssComponent), signal)) {
      const row = new WmiRecord(instance);
      const id = tryParseGuid(row.text('SystemName') ?? '');
      if (id !== undefined) answers.set(id, row.numbers('OperationalStatus')[0] === OK);
    }
  } catch (error) {
    if (!isCimError(error, 'noClass', 'badQuery')) throw error;
  }
  return answers;
}
