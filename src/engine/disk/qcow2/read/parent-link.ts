import type { ParentLink } from '../../image/image.ts';
import type { BackingFile } from '../structures/backing-file.ts';

/**
 * Returns what an image says about its backing file. A qcow2 records a name and perhaps a format,
 * but no identity, so only the file of exactly that name is accepted. A name that was refused leads
 * nowhere.
 */
export const parentLink = ({ path, format }: BackingFile): ParentLink => ({
  relativePath: path,
  absolutePath: undefined,
  volumePath: undefined,
  format,
  exact: true,
  mismatch: () => undefined,
});
