import { createHash } from 'node:crypto';
import { backupError } from '../../../errors/backup-errors.ts';
import type { KeptRow } from '../../../host/system-host.ts';
import type { PointManifest, SideFile } from '../../../manifest/manifest.ts';
import type { CompletePoint } from '../../../points/catalog.ts';
import { pointFile } from '../../../store/contract/layout.ts';
import type { Store } from '../../../store/contract/store.ts';
import { recordError } from '../../../errors/record-errors.ts';
import {
  configurationFile,
  HARDWARE_FILE,
  HARDWARE_LIMIT,
  parseHardware,
  type KeptHardware,
} from './kept-configuration.ts';

/** The files of a configuration, and the settings, as far as the point has them. */
export interface ImportSource {
  /** Names without a folder, the `.vmcx` first; empty: the VM is defined from its settings. */
  readonly configuration: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly hardware: KeptHardware | undefined;
}

/** Maximum size of a configuration file in bytes; larger ones are not kept with a point. */
const MAX_FILE = 64 * 2 ** 20;

/**
 * Reads what the VM of a point can be made of, each file checked against the manifest. Throws
 * `import.settings` if the point has neither a configuration nor settings, `point.damaged` for a
 * file that is not the recorded one.
 */
export async function importSource(
  store: Store,
  point: CompletePoint,
  signal: AbortSignal,
): Promise<ImportSource> {
  const { manifest } = point;
  const { configFiles, group } = manifest;
  if (group !== undefined) {
    throw backupError(
      'import.settings',
      `The point ${point.id} is of a group of ${group.members.length} VMs: only its disks can be restored`,
      { data: { point: point.id } },
    );
  }
  const vmcx = configurationFile(configFiles);
  const kept = configFiles.find(({ file }) => file === HARDWARE_FILE);
  if (vmcx === undefined && kept === undefined) {
    throw backupError(
      'import.settings',
      `The point ${point.id} has neither configuration files nor settings of the VM: only its disks can be restored`,
      { data: { point: point.id } },
    );
  }
  const read = (file: SideFile, limit: number): Promise<Uint8Array> =>
    readSideFile(store, manifest, file, limit, signal);
  const hardware =
    kept === undefined
      ? undefined
      : parseHardware(await read(kept, HARDWARE_LIMIT), `${point.id}/${kept.file}`);
  if (vmcx === undefined) return { configuration: [], hardware };
  const stem = stemOf(vmcx.file);
  const others = configFiles.filter(
    ({ file }) => file !== vmcx.file && /\.vm(?:rs|gs)$/i.test(file) && stemOf(file) === stem,
  );
  const configuration: { name: string; bytes: Uint8Array }[] = [];
  for (const file of [vmcx, ...others]) {
    configuration.push({ name: nameOf(file.file), bytes: await read(file, MAX_FILE) });
  }
  return { configuration, hardware };
}

const nameOf = (file: string): string => file.split('/').at(-1) ?? file;
const stemOf = (file: string): string =>
  nameOf(file)
    .replace(/\.[^.]*$/, '')
    .toLowerCase();

/** Reads a side file of a point. Throws `point.damaged` if it is not the recorded one. */
export async function readSideFile(
  store: Store,
  { vm, id }: PointManifest,
  { file, size, sha256 }: SideFile,
  limit: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const path = pointFile(vm.id, id, file);
  const bytes = size > limit ? undefined : await store.readFile(path, limit, signal);
  const found = bytes === undefined ? undefined : sha256Of(bytes);
  if (bytes !== undefined && found === sha256) return bytes;
  throw recordError('point.damaged', `${id}: ${file} is not the recorded file`, {
    data: { point: id, file, expected: sha256, found: found ?? null },
  });
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Returns the names of the switches to which the adapters of a VM were connected. */
export function connectedSwitches(rows: readonly KeptRow[]): readonly string[] {
  const names = rows.flatMap(({ className, properties }) => {
    const isConnection = className === 'Msvm_EthernetPortAllocationSettingData';
    const name = properties['LastKnownSwitchName'];
    const isOn = Number(properties['EnabledState']) === 2;
    return isConnection && isOn && typeof name === 'string' && name !== '' ? [name] : [];
  });
  return [...new Set(names)];
}
