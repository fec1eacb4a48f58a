import path from 'node:path';
import { backupError } from '../../errors/backup-errors.ts';
import type { BackupHost } from '../../host/host.ts';
import { mappedFiles } from '../../host/mapped-files.ts';
import type { PlacedDisk } from '../../host/system-host.ts';
import type { CompletePoint } from '../../points/catalog.ts';
import { targetFile } from '../restore.ts';
import { refuseExisting } from '../restore-target.ts';
import { switchMap, type ImportOptions } from './import-options.ts';
import { connectedSwitches, type ImportSource } from './import-source.ts';

/** Checks of a restore as a VM before anything is written; a plan lists what they throw. */

/** Folder of the configuration files below that of the VM. */
export const CONFIGURATION = 'Configuration';
/** Format of the disks. */
export const FORMAT = 'vhdx';

/** Returns a folder of the host without a separator at its end. */
export const trimmed = (folder: string): string => folder.replace(/(?<=[^:\\])\\+$/, '');

/** Files that a restore as a VM writes. */
export interface ImportFiles {
  /** Folder of this machine that the host sees as the folder of the VM. */
  readonly local: string;
  readonly disks: readonly PlacedDisk[];
  /** Every file that will be written, by its path on the host. */
  readonly files: readonly string[];
  /** The same files on this machine. */
  readonly places: readonly string[];
}

/** Returns the files that will be written. Throws `path.unmapped`. */
export async function importFiles(
  host: Pick<BackupHost, 'isThisComputer'>,
  { manifest }: CompletePoint,
  { configuration }: Pick<ImportSource, 'configuration'>,
  { hostFolder, pathMap }: Pick<ImportOptions, 'hostFolder' | 'pathMap'>,
  signal: AbortSignal,
): Promise<ImportFiles> {
  const folder = trimmed(hostFolder);
  const mapped = mappedFiles(pathMap, (inner) => host.isThisComputer(inner));
  const local = await mapped.pathOf(folder, signal);
  const disks = manifest.disks.map((disk) => {
    const name = path.basename(targetFile(disk, { to: local, format: FORMAT }));
    return { locationId: disk.locationId, path: `${folder}\\${name}` };
  });
  const names = configuration.map(({ name }) => `${folder}\\${CONFIGURATION}\\${name}`);
  const files = [...disks.map((disk) => disk.path), ...names];
  const places = files.map((file) => mapped.pathOf(file, signal));
  return { local, disks, files, places: await Promise.all(places) };
}

/** Throws `restore.exists` for a file that exists. */
export async function refuseExistingFiles({ places }: ImportFiles): Promise<void> {
  for (const place of places) await refuseExisting(place);
}

/** Throws `import.name` if the host has a VM of that name. */
export async function refuseTakenName(
  host: BackupHost,
  name: string,
  signal: AbortSignal,
): Promise<void> {
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
