import { isEngineError } from '../../../base/errors.ts';
import type { ConfigurationFile } from '../../host/host.ts';
import type { HostFiles } from '../../host/host-files.ts';
import type { ReachableFiles } from '../../host/reachable-files.ts';
import type { KeptRow } from '../../host/system-host.ts';
import type { SideFile } from '../../manifest/manifest.ts';
import {
  formatHardware,
  HARDWARE_FILE,
  HARDWARE_LIMIT,
} from '../../restore/import/source/kept-configuration.ts';
import { saveSideFile } from '../../changes/changes-file.ts';
import type { Tasked } from '../record/run-record.ts';
import { CONFIG_FOLDER, pointFolder } from '../../store/contract/layout.ts';
import { portableFileName } from '../../../source/platform/path-flavour.ts';

/**
 * Maximum size of a configuration file. Larger ones, such as the .vmrs of a saved VM with its
 * memory, are left out.
 */
const MAX_FILE = 64 * 2 ** 20;

/**
 * Stores the VM's configuration with the point: the settings of the VM and of its hardware as read
 * over WMI, and the host's own files if this machine can open them. They come from the export if there is one, or
 * else from the checkpoint.
 */
export async function saveConfiguration(run: Tasked, signal: AbortSignal): Promise<SideFile[]> {
  const { deps, vm, checkpoint, staging } = run;
  const ways = run.configurationIn?.ways ?? waysToFiles(run.files);
  const folder = pointFolder(vm.id, run.pointId);
  const text = `${JSON.stringify({ id: vm.id, name: vm.name, disks: vm.disks, settings: vm.settings }, undefined, 2)}\n`;
  const settings = new TextEncoder().encode(text);
  const files = [
    await saveSideFile(deps.store, folder, `${CONFIG_FOLDER}/settings.json`, settings, signal),
  ];
  const rows = [
    ...(await keptRows(run, () => deps.host.hardware(checkpoint.id, signal), signal)),
    ...(vm.generation === 2
      ? await keptRows(run, () => deps.host.firmware(vm.id, signal), signal)
      : []),
  ];
  if (rows.length > 0) {
    const hardware = formatHardware({ system: textsOf(vm.settings), rows });
    if (hardware.length <= HARDWARE_LIMIT)
      files.push(await saveSideFile(deps.store, folder, HARDWARE_FILE, hardware, signal));
  }
  const own = staging === null ? [] : await exportedConfiguration(staging, ways, signal);
  const sources =
    own.length > 0
      ? own
      : (run.configurationIn?.files ?? (await deps.host.configurationFiles(checkpoint.id, signal)));
  const memory = run.shadowSet === undefined ? [] : sources.filter(({ name }) => MEMORY.test(name));
  for (const { name, path } of sources) {
    if (memory.some((each) => each.name === name)) continue;
    const bytes = await readHostFile(path, ways, signal);
    if (bytes === undefined) continue;
    const file = `${CONFIG_FOLDER}/${portableFileName(name)}`;
    files.push(await saveSideFile(deps.store, folder, file, bytes, signal));
  }
  const names = memory.map(({ name }) => name).join(', ');
  const message = `The memory of the VM is not in the point: ${names} were left out`;
  if (memory.length > 0) run.notes.warnings.push({ code: 'vss.memory', message });
  return files;
}

/** Files with the memory of a VM, in both formats. */
const MEMORY = /\.(?:vmrs|bin|vsv)$/i;

/** Returns settings of the hardware; empty if the host does not answer the query: a point is complete without them. */
async function keptRows(
  { deps }: Pick<Tasked, 'deps'>,
  query: () => Promise<readonly KeptRow[]>,
  signal: AbortSignal,
): Promise<readonly KeptRow[]> {
  try {
    return await query();
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    const message = `The settings of the hardware were not kept: ${error.message}`;
    deps.log({ level: 'warn', area: 'backup', message });
    return [];
  }
}

/** Returns the properties that are text, as a host gives them. */
function textsOf(values: Readonly<Record<string, unknown>>): KeptRow['properties'] {
  const isText = (value: unknown): value is KeptRow['properties'][string] =>
    value === null ||
    typeof value === 'string' ||
    (Array.isArray(value) && value.every((each) => typeof each === 'string'));
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => isText(value)),
  ) as KeptRow['properties'];
}

/**
 * Returns the ways by which a run may look for files: through the path map, and over the network if
 * the run reads its disks there.
 */
function waysToFiles({ mapped, remote }: ReachableFiles): readonly HostFiles[] {
  return remote.contacted ? [mapped, remote] : [mapped];
}
/** Subfolder of an export that contains the configuration. */
const EXPORTED_FOLDER = 'Virtual Machines';
/** Maximum number of files; an export of one checkpoint has three. */
const MAX_FILES = 16;

/** Errors by which a file is out of reach, or in use: a point is complete without it. */
const OUT_OF_REACH = [
  'path.unmapped',
  'smb.address',
  'smb.busy',
  'smb.denied',
  'smb.notFound',
  'smb.redirect',
  'smb.server.unknown',
  'smb.share',
  'source.busy',
  'source.denied',
  'source.notFile',
  'source.notFound',
] as const;

/**
 * Lists the configuration files of an export, ordered by name; [] if the folder cannot be read from
 * here.
 */
async function exportedConfiguration(
  directory: string,
  ways: readonly HostFiles[],
  signal: AbortSignal,
): Promise<readonly ConfigurationFile[]> {
  const folder = `${directory}\\${EXPORTED_FOLDER}`;
  const entries = await firstOf(ways, async (files) =>
    files.access.list(await files.pathOf(folder, signal), signal),
  );
  const names = entries?.map(({ name }) => name) ?? [];
  const wanted = names.filter((name) => /\.vm(?:cx|rs|gs)$/i.test(name)).sort();
  return wanted.slice(0, MAX_FILES).map((name) => ({ name, path: `${folder}\\${name}` }));
}

/**
 * Reads a file of the host; undefined if it cannot be reached, is not a regular file, or is too
 * large for a configuration.
 */
export function readHostFile(
  path: string,
  ways: readonly HostFiles[],
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  return firstOf(ways, async (files) => {
    const place = await files.pathOf(path, signal);
    const found = await files.access.stat(place, signal);
    // An owner of the host's folder may have put a link or a pipe there.
    if (found?.kind !== 'file' || found.isLink) return undefined;
    const source = await files.access.open(place, signal);
    try {
      if (source.size > MAX_FILE) return undefined;
      const bytes = new Uint8Array(source.size);
      await source.read(0, bytes, signal);
      return bytes;
    } finally {
      await source.close();
    }
  });
}

/** Returns the first result of the ways to the files; undefined if a file is out of reach of all. */
async function firstOf<T>(
  ways: readonly HostFiles[],
  work: (files: HostFiles) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const files of ways) {
    try {
      const found = await work(files);
      if (found !== undefined) return found;
    } catch (error) {
      if (!isEngineError(error, ...OUT_OF_REACH)) throw error;
    }
  }
  return undefined;
}
