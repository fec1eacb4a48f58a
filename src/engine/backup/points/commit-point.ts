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
 * Makes a point real: once every file that the manifest names is there in its size, and the names of all of them are durable,
 * the manifest is created, at once and durably. When this returns the point is committed; when it throws it is not,
 * unless the store cannot even be asked any more. An answer that was lost is looked up. Committing the
 * same manifest again is fine; another one in its place is `store.exists`.
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
  throw storeError('store.exists', `The store has another manifest at ${path} already`, {
    data: { store: store.location, path },
  });
}

/** Folders that hold files of a point, the deepest first. Files are written there without flushing their names one by one. */
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
