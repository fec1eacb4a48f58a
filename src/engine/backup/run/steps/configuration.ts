import fs from 'node:fs/promises';
import { isEngineError } from '../../../base/errors.ts';
import { systemCode } from '../../../source/platform/file-errors.ts';
import type { ConfigurationFile } from '../../host/host.ts';
import type { SideFile } from '../../manifest/manifest.ts';
import { saveSideFile } from '../../changes/changes-file.ts';
import { toLocalPath, type PathMapping } from '../../host/path-map.ts';
import type { Tasked } from '../record/run-record.ts';
import { CONFIG_FOLDER, pointFolder } from '../../store/contract/layout.ts';
import { portableFileName } from '../../../source/platform/path-flavour.ts';

/** Configuration files are small (a .vmrs of a saved VM is not: its memory is left out). */
const MAX_FILE = 64 * 2 ** 20;

/**
 * Keeps the VM's configuration with the point: always the settings as read over WMI, and the host's own files where this
 * machine can open them: those that an export wrote, if there is one, else those of the checkpoint.
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

/** Where an export puts the configuration. */
const EXPORTED_FOLDER = 'Virtual Machines';
/** An export of one checkpoint has three. */
const MAX_FILES = 16;

/** The configuration files of an export, in the order of their names; [] if the folder cannot be read from here. */
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

/** undefined where the file cannot be reached from here, is no plain file, or is too large to be configuration. */
async function readHostFile(
  path: string,
  pathMap: readonly PathMapping[],
): Promise<Uint8Array | undefined> {
  try {
    const local = toLocalPath(path, pathMap);
    // Whoever rules the host's folder may have put a link or a pipe there.
    const found = await fs.lstat(local);
    return found.isFile() && found.size <= MAX_FILE ? await fs.readFile(local) : undefined;
  } catch (error) {
    if (isEngineError(error, 'path.unmapped')) return undefined;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOENT', 'EACCES', 'EPERM', 'EBUSY'].includes(code)) return undefined;
    throw error;
  }
}
