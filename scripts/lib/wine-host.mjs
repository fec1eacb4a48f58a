// Makes a Wine prefix the host of a lab, as far as the virtual disk API goes: its virtdisk.dll is the one of native/doubles, C:\\Lab is the
// folder of the lab, and \\\\.\\PhysicalDriveN are the disks that the lab shows. One lab at a time uses it.
import { copyFileSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buildAbi, buildDouble, compilerOf } from './native-build.mjs';

/** Folder of the tests that need such a host; they run one after another. */
export const ON_HOST = 'test/windows/';

/** Number of links to disks: src/engine/lab/virtdisk/disks/attachments.ts shows no more. */
const DRIVES = 16;

/** Environment of programs in the prefix: they load the library from its System32. */
export const HOST_OVERRIDES = 'virtdisk=n';

/**
 * Builds the library and installs it in a prefix, whose lab lies in `lab`. Returns false if there is no
 * compiler for Windows.
 */
export function makeWineHost(prefix, lab) {
  const compiler = compilerOf('win32-x64');
  if (compiler === undefined) return false;
  buildAbi('win32-x64', compiler);
  // The other one is that of Windows 8, which lacks QueryChangesVirtualDisk.
  for (const name of ['virtdisk', 'virtdisk-old']) {
    const system = join(prefix, 'drive_c', 'windows', 'system32');
    copyFileSync(buildDouble(compiler, name), join(system, `${name}.dll`));
  }
  mkdirSync(lab, { recursive: true });
  link(join(lab, 'host'), join(prefix, 'drive_c', 'Lab'));
  for (let number = 1; number <= DRIVES; number++) {
    const name = `physicaldrive${number}`;
    link(join(lab, 'virtdisk', `drive${number}`), join(prefix, 'dosdevices', name));
  }
  return true;
}

/** Makes a link; it may lead to what does not exist yet. */
function link(target, path) {
  rmSync(path, { force: true, recursive: true });
  symlinkSync(target, path);
}
