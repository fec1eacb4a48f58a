import { join } from 'node:path';
import { never } from '../../base/abort.ts';
import { machine, retryBusy, type FileEnvironment } from '../platform/file-environment.ts';
import { fileError } from '../platform/file-errors.ts';
import { temporaryName } from '../folders/place-file.ts';

/**
 * Larger than any file system's allocation unit, and small enough to write on file systems without
 * holes.
 */
const PROBE = 4 * 2 ** 20;

/**
 * Whether a gap in a file of this folder takes no space. Tested with a temporary file: NTFS, FAT
 * and some shares allocate everything before the end of a file.
 */
export async function hasSparseFiles(
  folder: string,
  environment: FileEnvironment = machine,
): Promise<boolean> {
  const { files } = environment;
  const path = temporaryName(join(folder, 'probe'));
  try {
    const handle = await files.open(path, 'wx');
    try {
      await handle.write(Buffer.alloc(1, 1), 0, 1, PROBE - 1);
      const { blocks } = await handle.stat();
      return blocks * 512 < PROBE / 2;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, 'write', path);
  } finally {
    await retryBusy(() => files.rm(path, { force: true }), environment, never).catch(
      () => undefined,
    );
  }
}
