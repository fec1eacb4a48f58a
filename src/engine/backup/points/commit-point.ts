import { dirname } from 'node:path/posix';
import { never } from '../../base/abort.ts';
import { MANIFEST_LIMIT } from '../manifest/bounds.ts';
import { formatManifest } from '../manifest/manifest-json.ts';
import type { PointManifest } from '../manifest/manifest.ts';
import { recordError } from '../errors/record-errors.ts';
import { manifestPath, pointFolder } from '../store/contract/layout.ts';
import { checkFiles, filesOf } from './point-files.ts';
import { storeError } from '../store/contract/store-errors.ts';
import type { Store } from '../store/contract/store.ts';

/**
 * Commits a point. Checks that every file of the manifest exists with its size, makes the names
 * durable, and then creates the manifest atomically and durably. On return the point is committed;
 * after an error it is not, unless the store can no longer be reached. If the answer was lost,
 * reads the manifest back. Committing the same manifest again succeeds. Throws `store.exists` if
 * another manifest has its place.
 */
export async function commitPoint(
  store: Store,
  manifest: PointManifest,
  signal: AbortSignal,
): Promise<void> {
  const [problem] = await checkFiles(store, manifest, signal);
  if (problem !== undefined) {
    throw recordError('point.incomplete', `The point cannot be committed: ${problem.message}`, {
      data: { point: manifest.id, finding: problem.code },
    });
  }
  for (const folder of foldersOf(manifest)) await store.flush(folder, signal);
  const path = manifestPath(manifest.vm.id, manifest.id);
  const bytes = formatManifest(manifest);
  try {
    if (await store.createAbsent(path, bytes, signal)) return;
  } catch (error) {
    if (await holds(store, path, bytes)) return;
    throw error;
  }
  if (await holds(store, path, bytes)) return;
  throw storeError('store.exists', `The store already has another manifest at ${path}`, {
    data: { store: store.location, path },
  });
}

/**
 * Returns the folders that hold files of a point, deepest first. The names of the files in them are
 * flushed per folder, not one by one.
 */
function foldersOf(manifest: PointManifest): readonly string[] {
  const point = pointFolder(manifest.vm.id, manifest.id);
  const inner = filesOf(manifest).flatMap(({ file }) =>
    file.includes('/') ? [`${point}/${dirname(file)}`] : [],
  );
  return [...new Set(inner), point];
}

async function holds(store: Store, path: string, bytes: Uint8Array): Promise<boolean> {
  const found = await store.readFile(path, MANIFEST_LIMIT, never).catch(() => undefined);
  return found !== undefined && Buffer.compare(found, bytes) === 0;
}
