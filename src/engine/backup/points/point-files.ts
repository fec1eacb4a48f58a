import type { FindingCode } from '../../api/codes.ts';
import { isEngineError, type EngineError } from '../../base/errors.ts';
import type { Finding } from '../../api/host.ts';
import type { PointManifest } from '../manifest/manifest.ts';
import { pointFile } from '../store/contract/layout.ts';
import type { Store } from '../store/contract/store.ts';

/** A file that a manifest lists. */
export interface NamedFile {
  readonly file: string;
  readonly size: number;
  /** null for disk images: the hash tree verifies their contents. */
  readonly sha256: string | null;
}

/** Lists every file of a point except the manifest itself, in the manifest's order. */
export function filesOf(manifest: PointManifest): readonly NamedFile[] {
  const disks = manifest.disks.flatMap((disk): NamedFile[] => [
    { file: disk.file, size: disk.fileSize, sha256: null },
    disk.hashesFile,
    ...(disk.changesFile === null ? [] : [disk.changesFile]),
  ]);
  return [...disks, ...manifest.configFiles];
}

/**
 * Compares presence and size of a point's files with the manifest; reads no contents. Empty if
 * everything matches.
 */
export async function checkFiles(
  store: Store,
  manifest: PointManifest,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { file, size } of filesOf(manifest)) {
    const problem = await fileProblem(store, manifest, file, size, signal);
    if (problem !== undefined) findings.push(problem);
  }
  return findings;
}

/**
 * Returns the problem with the presence or the size of one file of a point; undefined if both are
 * right.
 */
export async function fileProblem(
  store: Store,
  { id, vm }: PointManifest,
  file: string,
  size: number,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const found = await sizeOf(store, pointFile(vm.id, id, file), signal);
  const error = (code: FindingCode, message: string): Finding => ({
    code,
    severity: 'error',
    message,
  });
  if (typeof found === 'object') return error(found.code, `${id}: ${file}: ${found.message}`);
  if (found === undefined) return error('file.missing', `${id}: ${file} is missing`);
  if (found === size) return undefined;
  return error('file.size', `${id}: ${file} has ${found} bytes, expected ${size}`);
}

async function sizeOf(
  store: Store,
  path: string,
  signal: AbortSignal,
): Promise<number | EngineError | undefined> {
  try {
    const file = await store.openFile(path, signal);
    await file.close();
    return file.size;
  } catch (error) {
    if (isEngineError(error, 'store.missing', 'source.notFile')) return undefined;
    // A permanent problem of one file, such as a link, does not stop the check of the others.
    if (isEngineError(error) && error.permanent) return error;
    throw error;
  }
}
