import type { CallWatch } from '../backup/host/call-watch.ts';
import type {
  PlacedDisk,
  SystemDefinition,
  SystemHost,
  SystemOfJob,
  SystemState,
} from '../backup/host/system-host.ts';
import type { Guid } from '../base/guid.ts';
import type { CimClient } from '../cim/client.ts';
import { diskPlaces } from '../hyperv/inventory/disks.ts';
import { perform } from '../hyperv/calls/perform.ts';
import { SYSTEM_OPERATION } from '../hyperv/calls/system-operations.ts';
import { watchCalls } from '../hyperv/calls/watch-calls.ts';
import { buildSystem } from '../hyperv/systems/build-system.ts';
import { defineSystem, importSystem } from '../hyperv/systems/make-system.ts';
import { setNetworks, switchPaths, type SwitchMap } from '../hyperv/systems/networks.ts';
import { settings } from '../hyperv/systems/setting-types.ts';
import { attachDisks, setDisks } from '../hyperv/systems/system-disks.ts';
import {
  destroySystem,
  findSystem,
  realizePlanned,
  startSystem,
  systemOfJob,
  systemsNamed,
  validatePlanned,
} from '../hyperv/systems/systems.ts';
import { CLASS } from '../hyperv/wmi-classes.ts';

/** Makes VMs on a host, over any client of cim. */
export class HypervSystemHost implements SystemHost {
  readonly #client: CimClient;

  constructor(client: CimClient) {
    this.#client = client;
  }

  async switchNames(signal: AbortSignal): Promise<readonly string[]> {
    return [...(await switchPaths(this.#client, signal)).keys()];
  }

  async systemsNamed(planned: boolean, name: string, signal: AbortSignal): Promise<Guid[]> {
    return (await systemsNamed(this.#client, planned, name, signal)).map(({ id }) => id);
  }

  importSystem(
    from: Parameters<SystemHost['importSystem']>[0],
    signal: AbortSignal,
    watch: CallWatch,
  ): Promise<Guid> {
    return importSystem(watchCalls(this.#client, watch), from, signal);
  }

  defineSystem(
    vm: Parameters<SystemHost['defineSystem']>[0],
    existing: readonly string[],
    signal: AbortSignal,
    watch: CallWatch,
  ): Promise<Guid> {
    return defineSystem(watchCalls(this.#client, watch), vm, existing, signal);
  }

  buildSystem(
    id: Guid,
    definition: SystemDefinition,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    return buildSystem(this.#client, id, definition, signal);
  }

  setDisks(
    id: Guid,
    disks: readonly PlacedDisk[],
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    return setDisks(this.#client, id, disks, signal);
  }

  async nameSystem(id: Guid, name: string, folder: string, signal: AbortSignal): Promise<void> {
    const values = {
      InstanceID: `Microsoft:${id.toUpperCase()}`,
      ElementName: name,
      SnapshotDataRoot: folder,
      SwapFileDataRoot: folder,
    };
    const args = { SystemSettings: settings(CLASS.settings, values) };
    await perform(this.#client, SYSTEM_OPERATION.modifySystemSettings, args, signal);
  }

  setNetworks(id: Guid, switches: SwitchMap | undefined, signal: AbortSignal): Promise<void> {
    return setNetworks(this.#client, id, switches, signal);
  }

  validate(id: Guid, signal: AbortSignal): Promise<readonly string[]> {
    return validatePlanned(this.#client, id, signal);
  }

  realize(id: Guid, signal: AbortSignal): Promise<void> {
    return realizePlanned(this.#client, id, signal);
  }

  async diskPaths(id: Guid, signal: AbortSignal): Promise<readonly PlacedDisk[]> {
    const places = await diskPlaces(this.#client, id, signal);
    return places.map(({ id: locationId, path }) => ({ locationId, path }));
  }

  attachDisks(disks: readonly PlacedDisk[], signal: AbortSignal, watch?: CallWatch): Promise<void> {
    const client = watch === undefined ? this.#client : watchCalls(this.#client, watch);
    return attachDisks(client, disks, signal);
  }

  async systemState(id: Guid, signal: AbortSignal): Promise<SystemState> {
    const found = await findSystem(this.#client, id, signal);
    if (found === undefined) return { state: 'gone' };
    if (found.planned) return { state: 'planned' };
    return { state: found.state === 'off' ? 'stopped' : 'started' };
  }

  systemOfJob(job: string, planned: boolean, signal: AbortSignal): Promise<SystemOfJob> {
    return systemOfJob(this.#client, job, planned, signal);
  }

  destroySystem(id: Guid, signal: AbortSignal): Promise<void> {
    return destroySystem(this.#client, id, signal);
  }

  startSystem(id: Guid, signal: AbortSignal): Promise<void> {
    return startSystem(this.#client, id, signal);
  }
}
