import { tryParseGuid, type Guid } from '../../base/guid.ts';
import { isCimError } from '../../cim/cim-errors.ts';
import type { CimClient } from '../../cim/client.ts';
import { selectNames } from '../../cim/wql.ts';
import { CLASS, SYSTEM_TYPE } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { toCheckpoint } from './checkpoints.ts';
import { clusterOwners } from './cluster-owners.ts';
import { settingsFacts, toVirtualMachine, type VirtualMachine } from './virtual-machines.ts';

/** A VM with facts from its settings rows, for lists. */
export interface VmOverview extends VirtualMachine {
  readonly generation: number | null;
  readonly version: string;
  readonly disks: number;
  readonly checkpoints: number;
  readonly referencePoints: number;
  /** Cluster node that owns the VM; null if it is not clustered. */
  readonly node: string | null;
}

/** Properties that a list needs. Whole rows of a large host are some hundred megabytes. */
const NEEDED = {
  systems: ['CreationClassName', 'ElementName', 'EnabledState', 'Name', 'OperationalStatus'],
  settings: [
    'InstanceID',
    'Version',
    'VirtualSystemIdentifier',
    'VirtualSystemSubType',
    'VirtualSystemType',
  ],
  storage: ['InstanceID', 'ResourceSubType'],
  points: ['InstanceID', 'VirtualSystemIdentifier'],
} as const;

/**
 * Yields every VM in the host's order, as its rows arrive. Requests the next rows only when the consumer
 * needs them.
 */
export async function* eachVirtualMachine(
  client: CimClient,
  signal: AbortSignal,
): AsyncGenerator<VirtualMachine> {
  for await (const row of rowsOf(client, CLASS.computerSystem, NEEDED.systems, signal)) {
    const vm = toVirtualMachine(row);
    if (vm !== undefined) yield vm;
  }
}

/**
 * Lists every VM with its counts, by at most five queries for any number of VMs.
 * @param onFound receives the VMs as they arrive, before their counts are known.
 */
export async function listVirtualMachines(
  client: CimClient,
  hasReferencePoints: boolean,
  signal: AbortSignal,
  onFound?: (vm: VirtualMachine) => void,
): Promise<VmOverview[]> {
  const found: VirtualMachine[] = [];
  for await (const vm of eachVirtualMachine(client, signal)) {
    found.push(vm);
    onFound?.(vm);
  }
  return withCounts(client, found, hasReferencePoints, signal);
}

/** Adds the counts to VMs and sorts them by name, by at most four queries for any number of VMs. */
export async function withCounts(
  client: CimClient,
  found: readonly VirtualMachine[],
  hasReferencePoints: boolean,
  signal: AbortSignal,
): Promise<VmOverview[]> {
  const settings = new Map<Guid, ReturnType<typeof settingsFacts>>();
  const checkpoints = new Counts();
  const disks = new Counts();
  const points = new Counts();
  const each = async (
    className: string,
    names: readonly string[],
    take: (row: WmiRecord) => void,
  ): Promise<void> => {
    for await (const row of rowsOf(client, className, names, signal)) take(row);
  };
  await each(CLASS.settings, NEEDED.settings, (row) => {
    const owner = tryParseGuid(row.text('VirtualSystemIdentifier') ?? '');
    if (owner === undefined) return;
    if (row.text('VirtualSystemType') === SYSTEM_TYPE.realized) {
      settings.set(owner, settingsFacts(row));
    } else if (toCheckpoint(row) !== undefined) checkpoints.add(owner);
  });
  await each(CLASS.storage, NEEDED.storage, (row) => {
    // `Microsoft:Definition\…` rows are templates and contain no GUID.
    const owner = tryParseGuid(ownerOf(row.text('InstanceID') ?? ''));
    const isDisk = row.text('ResourceSubType') === 'Microsoft:Hyper-V:Virtual Hard Disk';
    if (owner !== undefined && isDisk) disks.add(owner);
  });
  if (hasReferencePoints) {
    await each(CLASS.referencePoint, NEEDED.points, (row) => {
      const owner = tryParseGuid(row.text('VirtualSystemIdentifier') ?? '');
      if (owner !== undefined) points.add(owner);
    });
  }
  const owners = await clusterOwners(client, signal);
  const out = found.map((vm) => ({
    ...vm,
    ...(settings.get(vm.id) ?? settingsFacts(undefined)),
    disks: disks.of(vm.id),
    checkpoints: checkpoints.of(vm.id),
    referencePoints: points.of(vm.id),
    node: owners.get(vm.id) ?? null,
  }));
  const { compare } = new Intl.Collator();
  return out.sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
}

/** Yields some properties of every instance of a class; all of them if the host refuses the query. */
async function* rowsOf(
  client: CimClient,
  className: string,
  names: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<WmiRecord> {
  try {
    for await (const row of client.query(selectNames(names, className), signal)) {
      yield new WmiRecord(row);
    }
  } catch (error) {
    if (!isCimError(error, 'badQuery')) throw error;
    for await (const row of client.enumerate(className, signal)) yield new WmiRecord(row);
  }
}

const ownerOf = (instanceId: string): string =>
  /^Microsoft:([^\\]+)\\/i.exec(instanceId)?.[1] ?? '';

/** Counts per VM. */
class Counts {
  readonly #counts = new Map<Guid, number>();

  add(id: Guid): void {
    this.#counts.set(id, this.of(id) + 1);
  }

  of(id: Guid): number {
    return this.#counts.get(id) ?? 0;
  }
}
