// Makes a Wine prefix the host of a lab, as far as virtual disks and shadow copies go: its virtdisk.dll and vssapi.dll are those of
// native/doubles, C:\\Lab and D:\\Lab are folders of the lab, \\\\.\\PhysicalDriveN are the disks that the lab shows, and
// \\\\?\\GLOBALROOT\\Device has its shadow copies. One lab at a time uses it.
import { copyFileSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { buildAbi, buildDouble, buildVssDouble, compilerOf, cxxCompiler } from './native-build.mjs';

/** Folder of the tests that need such a host; they run one after another. */
export const ON_HOST = 'test/windows/';

/** Number of links to disks: src/engine/lab/virtdisk/disks/attachments.ts shows no more. */
const DRIVES = 16;

/** Environment of programs in the prefix: they load the libraries from its System32. */
export const HOST_OVERRIDES = 'virtdisk,vssapi=n';

/**
 * Builds the libraries and installs them in a prefix, whose lab lies in `lab`. Returns false if there is
 * no compiler for Windows.
 */
export function makeWineHost(prefix, lab) {
  const compiler = compilerOf('win32-x64');
  const cxx = cxxCompiler();
  if (compiler === undefined || cxx === undefined) return false;
  buildAbi('win32-x64', compiler);
  // The second one is that of Windows 8, which lacks QueryChangesVirtualDisk.
  const names = ['virtdisk', 'virtdisk-old'];
  const libraries = names.map((name) => buildDouble(compiler, name));
  libraries.push(buildVssDouble(compiler, cxx));
  for (const library of libraries) {
    copyFileSync(library, join(prefix, 'drive_c', 'windows', 'system32', basename(library)));
  }
  mkdirSync(lab, { recursive: true });
  link(join(lab, 'host'), join(prefix, 'drive_c', 'Lab'));
  link(join(lab, 'host-d'), join(prefix, 'drive_d', 'Lab'));
  link(join('..', 'drive_d'), join(prefix, 'dosdevices', 'd:'));
  link(join(lab, 'shadows'), join(prefix, 'dosdevices', 'globalroot', 'Device'));
  for (let number = 1; number <= DRIVES; number++) {
    const name = `physicaldrive${number}`;
    link(join(lab, 'virtdisk', `drive${number}`), join(prefix, 'dosdevices', name));
  }
  return true;
}

/** Makes a link; it may lead to what does not exist yet. */
function link(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true, recursive: true });
  symlinkSync(target, path);
}
