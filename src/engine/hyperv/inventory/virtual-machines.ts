import type { Checkpoint } from '../../api/host.ts';
import { tryParseGuid, type Guid } from '../../base/guid.ts';
import type { CimClient } from '../../cim/client.ts';
import type { CimReference } from '../../cim/model.ts';
import { equals, select } from '../../cim/wql.ts';
import { settingsRows, toCheckpoint } from './checkpoints.ts';
import { hostComputerName } from './computer-name.ts';
import { hostError } from '../hyperv-errors.ts';
import { CLASS, ENABLED_STATE, MERGING, OPERATION, SYSTEM_TYPE } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

export interface VirtualMachine {
  readonly id: Guid;
  readonly name: string;
  readonly state: 'running' | 'off' | 'saved' | 'paused' | 'other';
  /** Operation in progress, as text; null if idle. */
  readonly operation: string | null;
}

/**
 * Accepts rows whose Name is a GUID: the host's own row has its computer name. Captions are
 * localised and not used.
 */
export function toVirtualMachine(row: WmiRecord): VirtualMachine | undefined {
  const id = tryParseGuid(row.text('Name') ?? '');
  if (id === undefined) return undefined;
  const operation = row.numbers('OperationalStatus')[1] ?? 0;
  return {
    id,
    name: row.text('ElementName') ?? '',
    state: ENABLED_STATE[row.number('EnabledState') ?? 0] ?? 'other',
    operation: operation === 0 ? null : (OPERATION[operation] ?? `operation ${operation}`),
  };
}

/** A VM with the host's own reference to it. */
export interface FoundVm extends VirtualMachine {
  readonly reference: CimReference;
  /** The host reports that it merges disks of the VM; false proves nothing. */
  readonly merging: boolean;
}

/**
 * Finds one VM by GUID, or by name if it is unique. Throws `host.vm.notFound` if the host shows its
 * services and not the VM; if it shows no services either, `host.rights` or `host.vmms`.
 */
export async function findVirtualMachine(
  client: CimClient,
  nameOrId: string,
  signal: AbortSignal,
): Promise<FoundVm> {
  const id = tryParseGuid(nameOrId);
  const where =
    id === undefined ? equals('ElementName', nameOrId) : equals('Name', id.toUpperCase());
  const found: FoundVm[] = [];
  for await (const { instance, reference } of client.queryWithReferences(
    select(CLASS.computerSystem, where),
    signal,
  )) {
    const row = new WmiRecord(instance);
    const vm = toVirtualMachine(row);
    if (vm !== undefined) found.push({ ...vm, reference, merging: isMerging(row) });
  }
  const [vm] = found;
  if (vm === undefined) {
    // Without rights or the service vmms, lists are empty without an error.
    await hostComputerName(client, signal);
    throw hostError(
      'host.vm.notFound',
      `The host has no VM “${nameOrId}” that is visible to this account`,
      { data: { found: nameOrId } },
    );
  }
  if (found.length > 1) {
    const ids = found.map((each) => each.id);
    throw hostError(
      'host.vm.ambiguous',
      `${found.length} VMs are named “${nameOrId}”; give the ID of one: ${ids.join(', ')}`,
      { data: { found: nameOrId, ids } },
    );
  }
  return vm;
}

/** Whether OperationalStatus[1] of a VM reports a merge. */
export function isMerging(row: WmiRecord): boolean {
  return row.numbers('OperationalStatus')[1] === MERGING;
}

/** Settings of a VM: the active ones, and its checkpoints. */
export interface VmSettings {
  readonly active: WmiRecord | undefined;
  readonly checkpoints: readonly Checkpoint[];
}

/** Reads the active settings of a VM and its checkpoints in one query. */
export async function vmSettings(
  client: CimClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<VmSettings> {
  const rows = await settingsRows(client, vmId, signal);
  const active = rows.find((row) => row.text('VirtualSystemType') === SYSTEM_TYPE.realized);
  return { active, checkpoints: rows.flatMap((row) => toCheckpoint(row) ?? []) };
}

export function settingsFacts(row: WmiRecord | undefined): {
  generation: number | null;
  version: string;
} {
  const subType = /SubType:(\d)$/.exec(row?.text('VirtualSystemSubType') ?? '')?.[1];
  return {
    generation: subType === undefined ? null : Number(subType),
    version: row?.text('Version') ?? '',
  };
}
