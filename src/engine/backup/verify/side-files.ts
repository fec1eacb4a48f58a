import { isEngineError } from '../../base/errors.ts';
import type { Finding } from '../../api/host.ts';
import { toFinding } from '../host/to-finding.ts';
import { hashFileProblem } from '../images/hash-file-check.ts';
import type { CompletePoint, PointEntry } from '../points/catalog.ts';
import { diskChain } from '../points/point-chain.ts';
import { filesOf, type NamedFile } from '../points/point-files.ts';
import { fileSha256 } from '../store/contract/file-sha256.ts';
import { pointFile } from '../store/contract/layout.ts';
import type { Store } from '../store/contract/store.ts';
import { keyOf } from './disk-states.ts';
import type { HeldFiles } from './held-files.ts';
import type { Later } from './later.ts';

interface SideFileWork {
  readonly store: Store;
  readonly points: readonly PointEntry[];
  readonly held: HeldFiles | undefined;
}

/**
 * Checks the small files of a point against their SHA-256 in the manifest. Hash files that are read
 * whole stay in memory for their disks.
 */
export async function checkSideFiles(
  work: SideFileWork,
  point: CompletePoint,
  signal: AbortSignal,
): Promise<Later[]> {
  const found: Later[] = [];
  for (const named of filesOf(point.manifest)) {
    if (named.sha256 === null) continue;
    const findings = findingsOf(
      work,
      point,
      named,
      signal,
      await begin(work, point, named, signal),
    );
    // Awaited later, with the findings of the whole point.
    findings.catch(() => undefined);
    found.push({ findings });
  }
  return found;
}

/**
 * A file that was read and is being hashed. Its SHA-256 is undefined if it is missing or has
 * another size.
 */
interface ReadFile {
  readonly sha256: Promise<string | undefined>;
}

async function beginSha256(
  { store, held }: SideFileWork,
  point: CompletePoint,
  { file, size }: NamedFile,
  signal: AbortSignal,
): Promise<ReadFile> {
  const path = pointFile(point.manifest.vm.id, point.id, file);
  const disk = point.manifest.disks.find((each) => each.hashesFile.file === file);
  const whole =
    disk === undefined
      ? undefined
      : await held?.open(keyOf({ point, disk }), store, path, size, signal);
  if (held !== undefined && whole !== undefined) return { sha256: held.sha256(whole) };
  const sha256 = await fileSha256(store, path, size, signal);
  return { sha256: Promise.resolve(sha256) };
}

/** Like {@link beginSha256}; an error is returned with the digest. */
async function begin(
  work: SideFileWork,
  point: CompletePoint,
  named: NamedFile,
  signal: AbortSignal,
): Promise<ReadFile> {
  try {
    return await beginSha256(work, point, named, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    const sha256 = Promise.reject<undefined>(error);
    sha256.catch(() => undefined);
    return { sha256 };
  }
}

async function findingsOf(
  { store, points }: SideFileWork,
  point: CompletePoint,
  { file, sha256 }: NamedFile,
  signal: AbortSignal,
  read: ReadFile,
): Promise<readonly Finding[]> {
  try {
    const found = await read.sha256;
    // checkFiles reports a file that is missing or has another size.
    if (found === undefined || found === sha256) return [];
    const disk = point.manifest.disks.find((each) => each.hashesFile.file === file);
    if (disk !== undefined) {
      const links = diskChain(points, point.id, disk.number);
      if ((await hashFileProblem(store, links, signal)) === undefined) return [];
    }
    const message = `${point.id}: ${file} does not match the recorded SHA-256`;
    return [{ code: 'file.hash', severity: 'error', message }];
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    return [toFinding(error, `${point.id}: ${file}: `)];
  }
}
