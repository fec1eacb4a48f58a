import type { Warning } from '../../api/backup.ts';
import { isEngineError, type EngineError } from '../../base/errors.ts';
import { fileSha256 } from '../store/contract/file-sha256.ts';
import { recordError } from '../errors/record-errors.ts';
import { openStoredHashes } from './stored-disk.ts';
import { pointFile } from '../store/contract/layout.ts';
import type { ChainLink } from '../points/point-chain.ts';
import type { Store } from '../store/contract/store.ts';

/**
 * Returns the problem of the `.hashes` file of the chain's first link, or undefined if it matches
 * its record. A rebuilt file may have its pages in another order than the recorded SHA-256 expects;
 * then each of its pages is verified up to the root.
 */
export async function hashFileProblem(
  store: Store,
  links: readonly ChainLink[],
  signal: AbortSignal,
): Promise<EngineError | undefined> {
  const [own] = links;
  if (own === undefined) return undefined;
  const { point, disk } = own;
  const { file, size, sha256 } = disk.hashesFile;
  try {
    const path = pointFile(point.manifest.vm.id, point.id, file);
    const found = await fileSha256(store, path, size, signal);
    if (found === sha256) return undefined;
    if (found === undefined) {
      return recordError(
        'hashes.damaged',
        `${point.id}: ${file} is missing or does not have ${size} bytes`,
        { data: { point: point.id, file, expected: size } },
      );
    }
    const hashes = await openStoredHashes(store, links, signal);
    try {
      await hashes.proveOwnPages(signal);
    } finally {
      await hashes.close();
    }
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (isEngineError(error) && error.permanent) return error;
    throw error;
  }
}

/** Returns a warning for each damaged `.hashes` file of a chain: a restore does not need them. */
export async function hashWarnings(
  store: Store,
  links: readonly ChainLink[],
  signal: AbortSignal,
): Promise<readonly Warning[]> {
  const warnings: Warning[] = [];
  for (const [i, { point, disk }] of links.entries()) {
    const problem = await hashFileProblem(store, links.slice(i), signal).catch((error: unknown) => {
      signal.throwIfAborted();
      // The disk is already restored and verified: a file that cannot be read now does not change
      // that.
      if (isEngineError(error)) return error;
      throw error;
    });
    if (problem === undefined) continue;
    const message = `The hash file ${disk.hashesFile.file} of ${point.id} is damaged; the restored data was verified without it. It can be rebuilt from the images (${problem.message})`;
    warnings.push({ code: 'hashes.damaged', message });
  }
  return warnings;
}
