import path from 'node:path';
import { LOCAL_ACCESS } from '../../../source/files/local-access.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { BackupHost } from '../../host/host.ts';
import { wayTo, type FileWay, type ReachableFiles } from '../../host/reachable-files.ts';
import { toLocalPath } from '../../host/path-map.ts';
import type { PlacedDisk } from '../../host/system-host.ts';
import type { CompletePoint } from '../../points/catalog.ts';
import { targetFile } from '../restore.ts';
import { exists, refuseExisting } from '../restore-target.ts';
import { trimmed } from './host-folder.ts';
import { switchMap, type ImportOptions } from './import-options.ts';
import { connectedSwitches, type ImportSource } from './source/import-source.ts';

/** Checks of a restore as a VM before anything is written; a plan lists what they throw. */

/** Folder of the configuration files below that of the VM. */
export const CONFIGURATION = 'Configuration';
/** Format of the disks. */
export const FORMAT = 'vhdx';

/** Returns the folder in which a restore over SMB writes until everything is proven. */
export const stagingOf = (folder: string, id: string): string =>
  `${folder}\\.refpoint-restore-${id}`;

/** Files that a restore as a VM writes. */
export interface ImportFiles {
  /** `mapped`: written into a folder of this machine. `remote`: over SMB to a file server of the host. */
  readonly way: FileWay;
  /** The folder of the VM: on this machine, or as a UNC path. */
  readonly local: string;
  readonly disks: readonly PlacedDisk[];
  /** Every file that will be written, by its path on the host. */
  readonly files: readonly string[];
  /** The same files, as `local` is. */
  readonly places: readonly string[];
}

/** Ways to the files of a host. */
export type ImportAccess = Pick<ReachableFiles, 'mapped' | 'remote'>;

/**
 * Returns the files that will be written: through the path map, or over SMB if it does not contain the
 * folder and the login reaches the host's file server. Throws `path.unmapped`.
 */
export async function importFiles(
  access: ImportAccess,
  { manifest }: CompletePoint,
  { configuration }: Pick<ImportSource, 'configuration'>,
  { hostFolder }: Pick<ImportOptions, 'hostFolder'>,
  signal: AbortSignal,
): Promise<ImportFiles> {
  const folder = trimmed(hostFolder);
  const way = await wayTo(folder, access, signal);
  const reached = access[way];
  const local = await reached.pathOf(folder, signal);
  const disks = manifest.disks.map((disk) => {
    const name = path.basename(targetFile(disk, { to: '/', format: FORMAT }));
    return { locationId: disk.locationId, path: `${folder}\\${name}` };
  });
  const names = configuration.map(({ name }) => `${folder}\\${CONFIGURATION}\\${name}`);
  const files = [...disks.map((disk) => disk.path), ...names];
  const places = files.map((file) => reached.pathOf(file, signal));
  return { way, local, disks, files, places: await Promise.all(places) };
}

/** Throws `path.missing` if the local folder of the mapping does not exist: it would be made, and the host would not see it. */
export async function requireRoot(
  host: Pick<BackupHost, 'isThisComputer'>,
  { hostFolder, pathMap }: Pick<ImportOptions, 'hostFolder' | 'pathMap'>,
  signal: AbortSignal,
): Promise<void> {
  const { root } = toLocalPath(trimmed(hostFolder), pathMap, await host.isThisComputer(signal));
  if (root === undefined || (await LOCAL_ACCESS.stat(root, signal)) !== undefined) return;
  throw backupError('path.missing', `${root} does not exist or cannot be read`, {
    data: { path: root, folder: hostFolder },
  });
}

/** Throws `restore.exists` for a file that exists. */
export async function refuseExistingFiles(
  { way, places }: ImportFiles,
  { remote }: Pick<ImportAccess, 'remote'>,
  signal: AbortSignal,
): Promise<void> {
  for (const place of places) {
    if (way === 'mapped') await refuseExisting(place);
    else if ((await remote.access.stat(place, signal)) !== undefined) throw exists(place);
  }
}

/** Line ends and other control characters, and those that turn the direction of text. */
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Throws `import.name` if the host has a VM of that name, or if it is not one that people can see. */
export async function refuseTakenName(
  host: BackupHost,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  if (name.trim() === '' || CONTROL.test(name)) {
    throw backupError(
      'import.name',
      `“${name}” cannot be the name of a VM: expected text without control characters`,
      { data: { found: name } },
    );
  }
  const [taken] = await host.systems.systemsNamed(false, name, signal);
  if (taken === undefined) return;
  throw backupError('import.name', `The host already has a VM named “${name}” (${taken})`, {
    data: { found: name, id: taken },
  });
}

/** Throws `import.switch` if the host lacks a switch that an adapter needs. */
export async function requireSwitches(
  host: BackupHost,
  { hardware }: Pick<ImportSource, 'hardware'>,
  { switches }: Pick<ImportOptions, 'switches'>,
  signal: AbortSignal,
): Promise<void> {
  const mapped = switchMap(switches);
  const available = await host.systems.switchNames(signal);
  const wanted = connectedSwitches(hardware?.rows ?? [])
    .filter((name) => !mapped.has(name))
    .concat([...mapped.values()].flatMap((name) => name ?? []));
  const missing = [...new Set(wanted)].filter((name) => !available.includes(name));
  if (missing.length === 0) return;
  const names = missing.map((name) => `“${name}”`).join(', ');
  const has = available.length === 0 ? 'none' : available.map((name) => `“${name}”`).join(', ');
  throw backupError(
    'import.switch',
    `The host has no Ethernet switch ${names}; it has ${has}. Map the switch to one of these, or leave the network adapters disconnected`,
    { data: { found: missing, expected: available } },
  );
}
