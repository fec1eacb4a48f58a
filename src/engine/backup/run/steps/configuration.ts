import type { PathMapping } from '../../../api/host.ts';
import fs from 'node:fs/promises';
import { isEngineError } from '../../../base/errors.ts';
import { systemCode } from '../../../source/platform/file-errors.ts';
import type { ConfigurationFile } from '../../host/host.ts';
import type { SideFile } from '../../manifest/manifest.ts';
import { saveSideFile } from '../../changes/changes-file.ts';
import { toLocalPath } from '../../host/path-map.ts';
import type { Tasked } from '../record/run-record.ts';
import { CONFIG_FOLDER, pointFolder } from '../../store/contract/layout.ts';
import { portableFileName } from '../../../source/platform/path-flavour.ts';

/**
 * Maximum size of a configuration file. Larger ones, such as the .vmrs of a saved VM with its
 * memory, are left out.
 */
const MAX_FILE = 64 * 2 ** 20;

/**
 * Stores the VM's configuration with the point: always the settings as read over WMI, and the
 * host's own files if this machine can open them. They come from the export if there is one, or
 * else from the checkpoint.
 */
export async function saveConfiguration(run: Tasked, signal: AbortSignal): Promise<SideFile[]> {
  const { deps, vm, checkpoint, staging } = run;
  const { pathMap } = run.options;
  const folder = pointFolder(vm.id, run.pointId);
  const text = `${JSON.stringify({ id: vm.id, name: vm.name, disks: vm.disks, settings: vm.settings }, undefined, 2)}\n`;
  const settings = new TextEncoder().encode(text);
  const files = [
    await saveSideFile(deps.store, folder, `${CONFIG_FOLDER}/settings.json`, settings, signal),
  ];
  const own = staging === null ? [] : await exportedConfiguration(staging, pathMap);
  const sources = own.length > 0 ? own : await deps.host.configurationFiles(checkpoint.id, signal);
  for (const { name, path } of sources) {
    const bytes = await readHostFile(path, pathMap);
    if (bytes === undefined) continue;
    const file = `${CONFIG_FOLDER}/${portableFileName(name)}`;
    files.push(await saveSideFile(deps.store, folder, file, bytes, signal));
  }
  return files;
}

/** Subfolder of an export that contains the configuration. */
const EXPORTED_FOLDER = 'Virtual Machines';
/** Maximum number of files; an export of one checkpoint has three. */
const MAX_FILES = 16;

/**
 * Lists the configuration files of an export, ordered by name; [] if the folder cannot be read from
 * here.
 */
async function exportedConfiguration(
  directory: string,
  pathMap: readonly PathMapping[],
): Promise<readonly ConfigurationFile[]> {
  const folder = `${directory}\\${EXPORTED_FOLDER}`;
  try {
    const names = await fs.readdir(toLocalPath(folder, pathMap));
    const wanted = names.filter((name) => /\.vm(?:cx|rs|gs)$/i.test(name)).sort();
    return wanted.slice(0, MAX_FILES).map((name) => ({ name, path: `${folder}\\${name}` }));
  } catch (error) {
    const absent = ['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR'].includes(systemCode(error));
    if (absent || isEngineError(error, 'path.unmapped')) return [];
    throw error;
  }
}

/**
 * Reads a file of the host; undefined if it cannot be reached, is not a regular file, or is too
 * large for a configuration.
 */
async function readHostFile(
  path: string,
  pathMap: readonly PathMapping[],
): Promise<Uint8Array | undefined> {
  try {
    const local = toLocalPath(path, pathMap);
    // An owner of the host's folder may have put a link or a pipe there.
    const found = await fs.lstat(local);
    return found.isFile() && found.size <= MAX_FILE ? await fs.readFile(local) : undefined;
  } catch (error) {
    if (isEngineError(error, 'path.unmapped')) return undefined;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOENT', 'EACCES', 'EPERM', 'EBUSY'].includes(code)) return undefined;
    throw error;
  }
}
