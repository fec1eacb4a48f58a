import { readFile, writeFile } from 'node:fs/promises';
import {
  formatManifest,
  parseManifest,
} from '../../../src/engine/backup/manifest/manifest-json.ts';
import type { PointManifest } from '../../../src/engine/backup/manifest/manifest.ts';

/** Rewrites a manifest with other contents and a checksum that fits them. */
export async function changeManifest(
  path: string,
  change: (manifest: PointManifest) => PointManifest,
): Promise<void> {
  const manifest = parseManifest(await readFile(path), path);
  await writeFile(path, formatManifest(change(manifest)));
}
