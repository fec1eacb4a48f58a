import type { EngineError } from '../../base/errors.ts';
import { isElevated } from '../../win32/process/token.ts';
import { vssError } from '../vss-errors.ts';
import { vssLibrary } from './vss-library.ts';

/**
 * Returns why our own requestor cannot run here: the library is missing, or the process is not
 * elevated. Undefined if it can. Makes nothing on the host.
 */
export function findVssObstacle(elevated: () => boolean = isElevated): EngineError | undefined {
  const library = vssLibrary();
  if (library instanceof Error) {
    return vssError('vss.missing', `The library for VSS cannot be used: ${library.message}`, {
      cause: library,
    });
  }
  return elevated() ? undefined : notElevated();
}

/** Throws `vss.denied` if the process is not elevated. */
export function requireElevated(elevated: () => boolean): void {
  const obstacle = findElevationObstacle(elevated);
  if (obstacle !== undefined) throw obstacle;
}

/** Returns `vss.denied` if this process of Windows is not elevated: no requestor of it can make a set then. */
export function findElevationObstacle(
  elevated: () => boolean = isElevated,
): EngineError | undefined {
  return process.platform === 'win32' && !elevated() ? notElevated() : undefined;
}

const notElevated = (): EngineError =>
  vssError(
    'vss.denied',
    'VSS needs an elevated process: start the program as administrator of this host',
    { data: { found: 'not elevated', expected: 'elevated' } },
  );
