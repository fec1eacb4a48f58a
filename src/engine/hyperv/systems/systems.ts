import { tryParseGuid, type Guid } from '../../base/guid.ts';
import type { CimClient } from '../../cim/client.ts';
import type { CimReference } from '../../cim/model.ts';
import { parseObjectPath } from '../../cim/object-path.ts';
import { equals, select, type Condition } from '../../cim/wql.ts';
import { invoke } from '../calls/invoke.ts';
import { associatedWith, finishCall, hasSucceeded, isUnderWay } from '../calls/jobs.ts';
import { isCimError } from '../../cim/cim-errors.ts';
import { perform } from '../calls/perform.ts';
import { SYSTEM_OPERATION } from '../calls/system-operations.ts';
import { hostError } from '../hyperv-errors.ts';
import { CLASS, ENABLED_STATE } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

/** A VM or a planned VM. */
export interface System {
  readonly id: Guid;
  readonly name: string;
  readonly planned: boolean;
  /** `off` for a planned VM. */
  readonly state: string;
  readonly reference: CimReference;
}

/** Returns the VM with an ID, planned or realized; undefined if the host lists neither. */
export async function findSystem(
  client: CimClient,
  id: Guid,
  signal: AbortSignal,
): Promise<System | undefined> {
  const where = equals('Name', id.toUpperCase());
  const [real] = await systemsOf(client, CLASS.computerSystem, where, signal);
  return real ?? (await systemsOf(client, CLASS.plannedSystem, where, signal))[0];
}

/**
 * Lists the planned VMs, or the VMs, that have a name. A planned VM that was imported from the
 * configuration of a checkpoint may have the checkpoint's name, which begins with the VM's
 * (UNCONFIRMED).
 */
export async function systemsNamed(
  client: CimClient,
  planned: boolean,
  name: string,
  signal: AbortSignal,
): Promise<readonly System[]> {
  if (!planned) return systemsOf(client, CLASS.computerSystem, equals('ElementName', name), signal);
  const all = await systemsOf(client, CLASS.plannedSystem, undefined, signal);
  return all.filter((each) => each.name === name || each.name.startsWith(`${name} - `));
}

async function systemsOf(
  client: CimClient,
  className: string,
  where: Condition | undefined,
  signal: AbortSignal,
): Promise<System[]> {
  const out: System[] = [];
  const rows = client.queryWithReferences(select(className, where), signal);
  for await (const { instance, reference } of rows) {
    const row = new WmiRecord(instance);
    const id = tryParseGuid(row.text('Name') ?? '');
    if (id === undefined) continue;
    const planned = className === CLASS.plannedSystem;
    const state = planned ? 'off' : (ENABLED_STATE[row.number('EnabledState') ?? 0] ?? 'other');
    out.push({ id, name: row.text('ElementName') ?? '', planned, state, reference });
  }
  return out;
}

/** Throws `host.vm.notFound`. */
async function requireSystem(client: CimClient, id: Guid, signal: AbortSignal): Promise<System> {
  const found = await findSystem(client, id, signal);
  if (found !== undefined) return found;
  throw hostError('host.vm.notFound', `The host has no VM ${id} that is visible to this account`, {
    data: { found: id },
  });
}

export type MadeSystem =
  | { readonly state: 'running' | 'unknown' }
  /** undefined: the job failed and made nothing. */
  | { readonly state: 'ended'; readonly id: Guid | undefined };

/** Asks for the system that a job made. @param job object path, as stored in a ledger. */
export async function systemOfJob(
  client: CimClient,
  job: string,
  planned: boolean,
  signal: AbortSignal,
): Promise<MadeSystem> {
  const reference = parseObjectPath(job);
  if (reference === undefined) return { state: 'unknown' };
  try {
    const row = new WmiRecord(await client.get(reference, signal));
    if (isUnderWay(row.number('JobState') ?? 0)) return { state: 'running' };
    if (!hasSucceeded(row)) return { state: 'ended', id: undefined };
    const className = planned ? CLASS.plannedSystem : CLASS.computerSystem;
    const found = await associatedWith(client, { reference, warnings: [] }, className, signal);
    const [id] = found.flatMap(
      ({ instance }) => tryParseGuid(new WmiRecord(instance).text('Name') ?? '') ?? [],
    );
    return id === undefined ? { state: 'unknown' } : { state: 'ended', id };
  } catch (error) {
    if (isCimError(error, 'notFound', 'badKeys')) return { state: 'unknown' };
    throw error;
  }
}

/**
 * Returns what keeps a planned VM from being realized, as the host's texts. Whether the job then
 * fails or ends with warnings is UNCONFIRMED; both are read.
 */
export async function validatePlanned(
  client: CimClient,
  id: Guid,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { reference } = await requireSystem(client, id, signal);
  const operation = SYSTEM_OPERATION.validatePlannedSystem;
  const job = await perform(client, operation, { PlannedSystem: reference }, signal);
  return job?.warnings ?? [];
}

export async function realizePlanned(
  client: CimClient,
  id: Guid,
  signal: AbortSignal,
): Promise<void> {
  const { reference } = await requireSystem(client, id, signal);
  const operation = SYSTEM_OPERATION.realizePlannedSystem;
  await perform(client, operation, { PlannedSystem: reference }, signal);
}

/** Destroys a VM or a planned VM; its disks stay. Returns if the host lists no such system. */
export async function destroySystem(
  client: CimClient,
  id: Guid,
  signal: AbortSignal,
): Promise<void> {
  const found = await findSystem(client, id, signal);
  if (found === undefined) return;
  const args = { AffectedSystem: found.reference };
  await perform(client, SYSTEM_OPERATION.destroySystem, args, signal);
  if ((await findSystem(client, id, signal)) === undefined) return;
  throw hostError('host.notRemoved', `The host still lists the VM ${id}: it was not removed`, {
    data: { found: id },
  });
}

/** RequestedState. */
const ENABLED = 2;

export async function startSystem(client: CimClient, id: Guid, signal: AbortSignal): Promise<void> {
  const { reference } = await requireSystem(client, id, signal);
  const operation = SYSTEM_OPERATION.startSystem;
  const result = await invoke(client, operation, { RequestedState: ENABLED }, signal, reference);
  await finishCall(client, operation.method, result, signal);
}
