import { join } from 'node:path';
import type { Guid } from '../../../base/guid.ts';
import { isEngineError } from '../../../base/errors.ts';
import type { Durability } from '../../../source/platform/durability.ts';
import type { FileEnvironment } from '../../../source/platform/file-environment.ts';
import { systemCode, fileError } from '../../../source/platform/file-errors.ts';
import { flushFolder } from '../../../source/folders/folder.ts';
import { STORE_MARKER } from '../contract/layout.ts';
import { readMarker } from './read-whole.ts';
import { storeError } from '../contract/store-errors.ts';
import { parseMarker } from './store-marker.ts';

/**
 * Throws `store.absent` if the store that was opened at `location` is missing: unmounted, renamed,
 * removed, or replaced by another store.
 */
export async function assertPresent(
  location: string,
  id: Guid,
  environment: FileEnvironment,
  signal: AbortSignal,
): Promise<void> {
  try {
    const marker = await readMarker(join(location, STORE_MARKER), environment, signal);
    const found = parseMarker(marker, location);
    if (found === id) return;
    throw absent(location, `another store, ${found}, is at its location`);
  } catch (error) {
    if (!isEngineError(error, 'source.notFound')) throw error;
    throw absent(location, `its marker ${STORE_MARKER} is missing`, error);
  }
}

function absent(location: string, why: string, cause?: Error): Error {
  return storeError(
    'store.absent',
    `The store ${location} is missing: it was opened before, but now ${why}. Check that it is mounted`,
    { data: { store: location, found: '' }, ...(cause === undefined ? {} : { cause }) },
  );
}

/**
 * Creates the folders of `parts` below `root`, one by one. The first, the VM's own folder, is
 * always durable, since it holds the ledger; the others are as durable as the file written there.
 * Never creates `root` itself: it may be a mount point, or the folder of a store that was just
 * renamed. Throws `source.notFound` if it is missing.
 */
export async function ensureFoldersBelow(
  root: string,
  parts: readonly string[],
  environment: FileEnvironment,
  durability: Durability,
): Promise<void> {
  const { files } = environment;
  const folder = join(root, ...parts);
  const there = await files.stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (there) return;
  for (let depth = 1; depth <= parts.length; depth++) {
    const at = join(root, ...parts.slice(0, depth));
    try {
      await files.mkdir(at);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') continue;
      throw fileError(error, 'make the folder', at);
    }
    if (durability === 'durable' || depth === 1) await flushFolder(join(at, '..'), environment);
  }
}
