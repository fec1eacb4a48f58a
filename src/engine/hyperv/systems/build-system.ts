import { isEngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import type { CimClient } from '../../cim/client.ts';
import type { EmbeddedInstance } from '../../cim/cim-xml.ts';
import type { CimReference, CimScalar } from '../../cim/model.ts';
import { encodeObjectPath } from '../../cim/object-path.ts';
import { perform } from '../calls/perform.ts';
import { SYSTEM_OPERATION } from '../calls/system-operations.ts';
import { hostError } from '../hyperv-errors.ts';
import { hostComputerName } from '../inventory/computer-name.ts';
import { CLASS } from '../wmi-classes.ts';
import { setBootOrder } from './boot-order.ts';
import { hardwareRows, type KeptRow } from './kept-hardware.ts';
import { CONNECTION, switchFor, switchPaths, type SwitchMap } from './networks.ts';
import { settings, valueOf } from './setting-types.ts';
import type { PlacedDisk } from './system-disks.ts';
import { systemRows } from './system-rows.ts';

/** Settings of a VM as they were kept, and the disks that it gets. */
export interface KeptSystem {
  readonly system: KeptRow['properties'];
  readonly rows: readonly KeptRow[];
  readonly disks: readonly PlacedDisk[];
  /** Boot sources of generation 2 in their order: InstanceIDs of their devices after the owner's. */
  readonly bootOrder: readonly string[];
  /** Switches by the names that were kept; undefined: the adapters stay disconnected. */
  readonly switches: SwitchMap | undefined;
}

const SUBTYPE = {
  scsi: 'Microsoft:Hyper-V:Synthetic SCSI Controller',
  ide: 'Microsoft:Hyper-V:Emulated IDE Controller',
  drive: 'Microsoft:Hyper-V:Synthetic Disk Drive',
  disk: 'Microsoft:Hyper-V:Virtual Hard Disk',
  port: 'Microsoft:Hyper-V:Synthetic Ethernet Port',
  connection: 'Microsoft:Hyper-V:Ethernet Connection',
} as const;
const TYPE = { scsi: 6, port: 10, drive: 17, disk: 31, connection: 33 } as const;

/** Settings of a VM that the new one gets, if they were kept. */
const SYSTEM = [
  'AutomaticCriticalErrorAction',
  'AutomaticRecoveryAction',
  'AutomaticShutdownAction',
  'AutomaticStartupAction',
  'UserSnapshotType',
  'VirtualNumaEnabled',
] as const;
const GENERATION_1 = ['BIOSNumLock', 'BootOrder'] as const;
const GENERATION_2 = [
  'ConsoleMode',
  'NetworkBootPreferredProtocol',
  'PauseAfterBootFailure',
  'SecureBootEnabled',
  'SecureBootTemplateId',
] as const;

/**
 * Gives a VM that was just defined its settings and its hardware, one resource after the other: each
 * parent exists before its child is added. Returns why the boot order of generation 2 was not set:
 * the VM is complete without it. Throws the errors of the other calls.
 */
export async function buildSystem(
  client: CimClient,
  id: Guid,
  kept: KeptSystem,
  signal: AbortSignal,
): Promise<string | undefined> {
  const build = new Build(client, id, await hostComputerName(client, signal), signal);
  await build.system(kept.system);
  await build.quantities(kept.rows);
  await build.disks(kept);
  await build.adapters(kept);
  await build.integration(kept.rows);
  return build.bootOrder(kept.bootOrder);
}

class Build {
  readonly #client: CimClient;
  readonly #id: Guid;
  readonly #host: string;
  readonly #signal: AbortSignal;
  /** InstanceIDs of new devices, by the parts after the owner's of those that were kept. */
  readonly #made = new Map<string, string>();

  constructor(client: CimClient, id: Guid, host: string, signal: AbortSignal) {
    this.#client = client;
    this.#id = id;
    this.#host = host;
    this.#signal = signal;
  }

  get #settings(): CimReference {
    return reference(CLASS.settings, `Microsoft:${this.#id.toUpperCase()}`);
  }

  async system(kept: KeptRow['properties']): Promise<void> {
    const isFirst = textOf(kept['VirtualSystemSubType']).endsWith('SubType:1');
    const names = [...SYSTEM, ...(isFirst ? GENERATION_1 : GENERATION_2), 'Notes'];
    const values = Object.fromEntries(names.map((name) => [name, keptValue(name, kept[name])]));
    const InstanceID = `Microsoft:${this.#id.toUpperCase()}`;
    const args = { SystemSettings: settings(CLASS.settings, { InstanceID, ...values }) };
    await perform(this.#client, SYSTEM_OPERATION.modifySystemSettings, args, this.#signal);
  }

  /** Sets processors and memory, of which every new VM has one row. */
  async quantities(rows: readonly KeptRow[]): Promise<void> {
    const changes: EmbeddedInstance[] = [];
    for (const className of [CLASS.processor, CLASS.memory]) {
      const kept = rows.find((row) => row.className === className)?.properties;
      const [own] = await systemRows(this.#client, className, this.#id, this.#signal);
      if (kept === undefined || own === undefined) continue;
      const names = className === CLASS.memory ? MEMORY : PROCESSOR;
      const values = Object.fromEntries(names.map((name) => [name, keptValue(name, kept[name])]));
      changes.push(settings(className, { InstanceID: own.requireText('InstanceID'), ...values }));
    }
    if (changes.length === 0) return;
    const args = { ResourceSettings: changes };
    await perform(this.#client, SYSTEM_OPERATION.modifyResourceSettings, args, this.#signal);
  }

  /** Adds the controllers, and a drive and a file for each disk. */
  async disks({ rows, disks }: KeptSystem): Promise<void> {
    const resources = rows.filter(({ className }) => className === CLASS.resource);
    const controllers = new Map<string, string>();
    const of = (subType: string): readonly KeptRow[] =>
      resources.filter(({ properties }) => properties['ResourceSubType'] === subType);
    for (const { properties } of of(SUBTYPE.scsi)) {
      const values = { ResourceType: TYPE.scsi, ResourceSubType: SUBTYPE.scsi };
      const made = await this.#add(CLASS.resource, values);
      controllers.set(controllerOf(textOf(properties['InstanceID'])), made);
    }
    const own = await systemRows(this.#client, CLASS.resource, this.#id, this.#signal);
    for (const { properties } of of(SUBTYPE.ide)) {
      const address = textOf(properties['Address']);
      const same = own.find(
        (row) => row.text('ResourceSubType') === SUBTYPE.ide && row.text('Address') === address,
      );
      const name = controllerOf(textOf(properties['InstanceID']));
      if (same !== undefined) controllers.set(name, same.requireText('InstanceID'));
    }
    for (const { locationId, path } of disks) {
      const controller = controllers.get(controllerOf(locationId));
      if (controller === undefined) {
        throw hostError('host.value', `${locationId} names no controller that was kept`, {
          data: { found: locationId },
        });
      }
      const drive = await this.#add(CLASS.resource, {
        ResourceType: TYPE.drive,
        ResourceSubType: SUBTYPE.drive,
        Parent: this.#pathOf(CLASS.resource, controller),
        AddressOnParent: locationId.split('\\')[3] ?? '0',
      });
      this.#made.set(partOf(locationId).replace(/\\l$/, '\\d'), drive);
      await this.#add(CLASS.storage, {
        ResourceType: TYPE.disk,
        ResourceSubType: SUBTYPE.disk,
        Parent: this.#pathOf(CLASS.resource, drive),
        HostResource: [path],
      });
    }
  }

  async adapters({ rows, switches }: KeptSystem): Promise<void> {
    const ports = rows.filter(({ className }) => className === CLASS.ethernetPort);
    const paths =
      switches === undefined ? undefined : await switchPaths(this.#client, this.#signal);
    for (const { properties } of ports) {
      const id = textOf(properties['InstanceID']);
      const fixed = keptValue('StaticMacAddress', properties['StaticMacAddress']) === true;
      const port = await this.#add(CLASS.ethernetPort, {
        ResourceType: TYPE.port,
        ResourceSubType: SUBTYPE.port,
        ElementName: textOf(properties['ElementName']) || undefined,
        // A host chooses a dynamic address itself: two VMs must not have the same.
        Address: fixed ? textOf(properties['Address']) || undefined : undefined,
        StaticMacAddress: fixed,
      });
      this.#made.set(partOf(id), port);
      const connection = rows.find(
        (row) =>
          row.className === CLASS.ethernetConnection &&
          textOf(row.properties['InstanceID']).toLowerCase().startsWith(`${id.toLowerCase()}\\`),
      )?.properties;
      if (connection === undefined) continue;
      const name = textOf(connection['LastKnownSwitchName']);
      const wasConnected = Number(connection['EnabledState']) === CONNECTION.connected;
      const to = switchFor(switches, name);
      const path = wasConnected && to !== null ? paths?.get(to) : undefined;
      await this.#add(CLASS.ethernetConnection, {
        ResourceType: TYPE.connection,
        ResourceSubType: SUBTYPE.connection,
        Parent: this.#pathOf(CLASS.ethernetPort, port),
        HostResource: path === undefined ? undefined : [path],
        EnabledState: path === undefined ? CONNECTION.disconnected : CONNECTION.connected,
      });
    }
  }

  /** Switches integration services on or off as they were. */
  async integration(kept: readonly KeptRow[]): Promise<void> {
    const own = await hardwareRows(
      this.#client,
      `Microsoft:${this.#id.toUpperCase()}`,
      this.#signal,
    );
    const changes = own.flatMap(({ className, properties }) => {
      if (!className.endsWith('ComponentSettingData')) return [];
      const before = kept.find((row) => row.className === className)?.properties['EnabledState'];
      const EnabledState = keptValue('EnabledState', before);
      if (EnabledState === undefined || before === properties['EnabledState']) return [];
      const InstanceID = textOf(properties['InstanceID']);
      return [settings(className, { InstanceID, EnabledState })];
    });
    if (changes.length === 0) return;
    const args = { ResourceSettings: changes };
    await perform(this.#client, SYSTEM_OPERATION.modifyResourceSettings, args, this.#signal);
  }

  async bootOrder(kept: readonly string[]): Promise<string | undefined> {
    const devices = kept.flatMap((part) => this.#made.get(part.toLowerCase()) ?? []);
    if (devices.length === 0) return undefined;
    try {
      return await setBootOrder(this.#client, this.#settings, this.#id, devices, this.#signal);
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!isEngineError(error)) throw error;
      return error.message;
    }
  }

  /** Adds one resource and returns its InstanceID: the one that was not there before. */
  async #add(
    className: string,
    values: Readonly<Record<string, CimScalar | readonly CimScalar[] | undefined>>,
  ): Promise<string> {
    const before = new Set(await this.#ids(className));
    const args = {
      AffectedConfiguration: this.#settings,
      ResourceSettings: [settings(className, values)],
    };
    await perform(this.#client, SYSTEM_OPERATION.addResourceSettings, args, this.#signal);
    const [made] = (await this.#ids(className)).filter((id) => !before.has(id));
    if (made !== undefined) return made;
    throw hostError('host.value', `The host added no ${className}, although its job succeeded`, {
      data: { class: className },
    });
  }

  async #ids(className: string): Promise<readonly string[]> {
    const rows = await systemRows(this.#client, className, this.#id, this.#signal);
    return rows.map((row) => row.requireText('InstanceID'));
  }

  #pathOf(className: string, instanceId: string): string {
    return encodeObjectPath(reference(className, instanceId), this.#host);
  }
}

const PROCESSOR = ['VirtualQuantity', 'Reservation', 'Limit', 'Weight'] as const;
const MEMORY = [
  'DynamicMemoryEnabled',
  'VirtualQuantity',
  'Reservation',
  'Limit',
  'Weight',
  'TargetMemoryBuffer',
] as const;

const reference = (className: string, InstanceID: string): CimReference => ({
  className,
  keys: { InstanceID },
});

const textOf = (value: KeptRow['properties'][string] | undefined): string =>
  typeof value === 'string' ? value : '';

/** Properties that are arrays; a transport may return one element alone. */
const ARRAYS: ReadonlySet<string> = new Set(['BootOrder', 'Notes']);

function keptValue(
  name: string,
  value: KeptRow['properties'][string] | undefined,
): CimScalar | readonly CimScalar[] | undefined {
  if (value === undefined || value === null) return undefined;
  const texts = typeof value === 'string' ? [value] : value;
  const values = texts.flatMap((text) => valueOf(name, text) ?? []);
  if (ARRAYS.has(name)) return values.length === 0 ? undefined : values;
  return values[0];
}

/** Returns an InstanceID after the owner's, in lower case. */
const partOf = (instanceId: string): string =>
  instanceId.split('\\').slice(1).join('\\').toLowerCase();

/** Returns `<controller GUID>\<n>` of an InstanceID, in lower case. */
const controllerOf = (instanceId: string): string =>
  instanceId.split('\\').slice(1, 3).join('\\').toLowerCase();
