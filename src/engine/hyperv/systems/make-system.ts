import { delay } from '../../base/abort.ts';
import { tryParseGuid, type Guid } from '../../base/guid.ts';
import type { CimClient } from '../../cim/client.ts';
import { associatedWith, type FinishedJob } from '../calls/jobs.ts';
import { perform } from '../calls/perform.ts';
import { SYSTEM_OPERATION } from '../calls/system-operations.ts';
import { hostError } from '../hyperv-errors.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { systemsNamed } from './systems.ts';
import { settings } from './setting-types.ts';

/** A new VM without disks and adapters. */
export interface BareSystem {
  readonly name: string;
  readonly generation: number;
  /** Folder of the configuration on the host. */
  readonly folder: string;
}

/**
 * Makes a planned VM of a configuration file on the host, with an ID of its own.
 * @param name of the VM in the file
 * @param existing IDs of the planned VMs of that name, listed right before
 */
export async function importSystem(
  client: CimClient,
  { file, name, existing }: ImportedFile,
  signal: AbortSignal,
): Promise<Guid> {
  const args = { SystemDefinitionFile: file, GenerateNewSystemIdentifier: true };
  const job = await perform(client, SYSTEM_OPERATION.importSystemDefinition, args, signal);
  return made(client, job, { planned: true, name, existing }, signal);
}

export interface ImportedFile {
  readonly file: string;
  readonly name: string;
  readonly existing: readonly string[];
}

/** Defines a VM. @param existing IDs of the VMs of that name, listed right before */
export async function defineSystem(
  client: CimClient,
  { name, generation, folder }: BareSystem,
  existing: readonly string[],
  signal: AbortSignal,
): Promise<Guid> {
  const args = {
    SystemSettings: settings(CLASS.settings, {
      ElementName: name,
      VirtualSystemSubType: `Microsoft:Hyper-V:SubType:${generation}`,
      ConfigurationDataRoot: folder,
    }),
    // An empty array has no elements: the host adds the memory and the processors that it assumes.
    ResourceSettings: [],
  };
  const job = await perform(client, SYSTEM_OPERATION.defineSystem, args, signal);
  return made(client, job, { planned: false, name, existing }, signal);
}

/** Milliseconds before each further search for the system that a finished call made. */
const LOOKS = [0, 100, 300, 900] as const;

interface Wanted {
  readonly planned: boolean;
  readonly name: string;
  readonly existing: readonly string[];
}

/** Finds a new system: the one that the job is associated with, or the one that did not exist before. */
async function made(
  client: CimClient,
  job: FinishedJob | undefined,
  { planned, name, existing }: Wanted,
  signal: AbortSignal,
): Promise<Guid> {
  const before = new Set(existing.map((id) => id.toLowerCase()));
  if (job !== undefined) {
    const className = planned ? CLASS.plannedSystem : CLASS.computerSystem;
    const rows = await associatedWith(client, job, className, signal);
    const fresh = rows
      .flatMap(({ instance }) => tryParseGuid(new WmiRecord(instance).text('Name') ?? '') ?? [])
      .filter((id) => !before.has(id));
    const [only, other] = fresh;
    if (only !== undefined && other === undefined) return only;
  }
  let found: readonly Guid[] = [];
  for (const pause of LOOKS) {
    await delay(pause, signal);
    const now = await systemsNamed(client, planned, name, signal);
    found = now.map(({ id }) => id).filter((id) => !before.has(id));
    if (found.length > 0) break;
  }
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw hostError(
    'host.unclear',
    `${found.length} new virtual machines named “${name}” match the request; expected one. None was changed`,
    { data: { found } },
  );
}
