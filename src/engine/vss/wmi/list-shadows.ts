import type { VolumeRow } from '../../api/vss.ts';
import { tryParseGuid } from '../../base/guid.ts';
import type { CimClient } from '../../cim/client.ts';
import { fromCimDatetime, isPoint } from '../../cim/datetime.ts';
import { isCimReference, type CimInstance } from '../../cim/model.ts';
import { selectNames } from '../../cim/wql.ts';
import type { ShadowCopy } from '../model.ts';
import { vssError } from '../vss-errors.ts';

/** Namespace of the classes of VSS. */
const NAMESPACE = 'root/cimv2';
/** Maximum number of rows of a class: Windows has at most 512 shadow copies of a volume. */
const MAX_ROWS = 65_536;

/** A shadow copy as the host describes it. */
export interface HostShadow extends ShadowCopy {
  /** ISO 8601; null if the host does not say. */
  readonly created: string | null;
  /** Users see it as a previous version. */
  readonly clientAccessible: boolean;
  /** Drive, folder or share under which the copy is seen; null if it is not. */
  readonly exposed: string | null;
}

/** Shadow copies and volumes of a host. */
export interface HostShadows {
  readonly shadows: readonly HostShadow[];
  readonly volumes: readonly VolumeRow[];
}

/** Lists all shadow copies of a host and its volumes. Throws `vss.answer` for impossible rows. */
export async function listShadows(client: CimClient, signal: AbortSignal): Promise<HostShadows> {
  const rows = (names: readonly string[], className: string): Promise<CimInstance[]> =>
    rowsOf(client, selectNames(names, className), className, signal);
  const storages = await rows(STORAGE, 'Win32_ShadowStorage');
  const volumes = await rows(VOLUME, 'Win32_Volume');
  const shadows = await rows(SHADOW, 'Win32_ShadowCopy');
  return {
    shadows: shadows.map(shadowOf),
    volumes: volumes.map((each) => volumeOf(each, storages)),
  };
}

const SHADOW = [
  'ID',
  'SetID',
  'VolumeName',
  'DeviceObject',
  'InstallDate',
  'Persistent',
  'ClientAccessible',
  'ExposedName',
  'NoWriters',
];
const VOLUME = ['DeviceID', 'Name', 'FileSystem', 'Capacity', 'FreeSpace'];
const STORAGE = ['Volume', 'DiffVolume', 'UsedSpace', 'AllocatedSpace', 'MaxSpace'];

async function rowsOf(
  client: CimClient,
  wql: string,
  className: string,
  signal: AbortSignal,
): Promise<CimInstance[]> {
  const rows: CimInstance[] = [];
  for await (const row of client.query({ namespace: NAMESPACE, wql }, signal)) {
    if (rows.length === MAX_ROWS) {
      throw wrong(`The host lists more than ${MAX_ROWS} instances of ${className}`, row);
    }
    rows.push(row);
  }
  return rows;
}

function shadowOf(row: CimInstance): HostShadow {
  const id = tryParseGuid(text(row, 'ID') ?? '');
  if (id === undefined) throw wrong('A shadow copy of the host has no usable ID', row);
  const created = text(row, 'InstallDate');
  return {
    id,
    set: tryParseGuid(text(row, 'SetID') ?? '') ?? null,
    alias: null,
    volume: text(row, 'VolumeName'),
    device: text(row, 'DeviceObject'),
    noWriters: flag(row, 'NoWriters'),
    persistent: flag(row, 'Persistent'),
    created: created === null || isPoint(created) ? created : (fromCimDatetime(created) ?? null),
    clientAccessible: flag(row, 'ClientAccessible'),
    exposed: text(row, 'ExposedName') || null,
  };
}

function volumeOf(row: CimInstance, storages: readonly CimInstance[]): VolumeRow {
  const volume = text(row, 'DeviceID');
  if (volume === null) throw wrong('A volume of the host has no DeviceID', row);
  const storage = storages.find((each) => {
    const of = each.properties.get('Volume');
    return isCimReference(of) && of.keys['DeviceID']?.toLowerCase() === volume.toLowerCase();
  });
  const name = text(row, 'Name');
  return {
    volume,
    // Windows gives a volume without letter and folder its own name.
    name: name === volume ? null : name,
    fileSystem: text(row, 'FileSystem'),
    capacity: size(row, 'Capacity'),
    free: size(row, 'FreeSpace'),
    storage:
      storage === undefined
        ? null
        : {
            used: size(storage, 'UsedSpace') ?? 0,
            allocated: size(storage, 'AllocatedSpace') ?? 0,
            max: size(storage, 'MaxSpace') ?? 0,
          },
  };
}

function text({ properties }: CimInstance, name: string): string | null {
  const value = properties.get(name) ?? null;
  return value === null || typeof value === 'object' ? null : String(value);
}

const flag = (row: CimInstance, name: string): boolean => /^true$/i.test(text(row, name) ?? '');

/** Reads a size; one that a number cannot hold exactly, such as “no limit”, is rounded. */
function size(row: CimInstance, name: string): number | null {
  const value = text(row, name);
  if (value === null || value === '') return null;
  if (/^\d{1,20}$/.test(value)) return Number(value);
  throw wrong(`${row.className}.${name} of the host is not a size`, row);
}

function wrong(message: string, row: CimInstance): Error {
  const names = [...row.properties.keys()].slice(0, 20);
  const found = names.map((name) => `${name}=${text(row, name)?.slice(0, 100) ?? ''}`);
  return vssError('vss.answer', message, { data: { found, expected: 'as Windows documents it' } });
}
