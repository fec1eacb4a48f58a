import { isPortableFileName } from '../../../source/platform/path-flavour.ts';
import { backupError } from '../../errors/backup-errors.ts';

/** A folder below the root of a drive, of a volume or of a share. */
const FOLDER =
  /^(?:[a-z]:|\\\\\?\\Volume\{[0-9a-f-]{36}\}|\\\\[^\\?.][^\\]*\\[^\\]+)\\+([^\\].*)$/i;

/**
 * Returns a folder of the host with single backslashes between its parts and none at its end.
 */
export const trimmed = (folder: string): string =>
  folder.replaceAll('/', '\\').replace(/(?<=[^:\\])\\+$/, '');

/**
 * Throws `path.invalid` for text that is not a folder of a Windows host: the disks would be written, and
 * then the host would find no such folder.
 */
export function requireHostFolder(folder: string): void {
  const [, below] = FOLDER.exec(trimmed(folder)) ?? [];
  const wrong = below?.split(/\\+/).find((name) => !isPortableFileName(name));
  if (below !== undefined && wrong === undefined) return;
  const why = wrong === undefined ? '' : `: “${wrong}” is not a name that Windows has`;
  throw backupError(
    'path.invalid',
    `“${folder}” is not a folder of a Windows host${why}; expected one below a drive, such as D:\\VMs\\web01`,
    { data: { found: folder } },
  );
}
