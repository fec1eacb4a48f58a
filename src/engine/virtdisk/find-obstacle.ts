import { isEngineError, type EngineError } from '../base/errors.ts';
import { requireAttachRights } from './image/attach-rights.ts';
import { requireVirtdisk } from './library/virtdisk-library.ts';

/**
 * Returns the error that keeps this process from reading disks through Windows' driver, or undefined:
 * `virtdisk.missing`, `virtdisk.tooOld`, `virtdisk.notElevated`. Opens nothing.
 *
 * @param file another library than virtdisk.dll, for tests
 */
export function findVirtdiskObstacle(file?: string): EngineError | undefined {
  try {
    requireVirtdisk(file);
    requireAttachRights();
    return undefined;
  } catch (error) {
    if (isEngineError(error)) return error;
    throw error;
  }
}
