import type { FindingCode } from '../../api/codes.ts';
import { isEngineError } from '../../base/errors.ts';
import { forEachInFlight } from '../../base/in-flight.ts';
import type { Finding } from '../../api/host.ts';
import type { PointEntry } from './catalog.ts';
import { pointFolder } from '../store/contract/layout.ts';
import { diskChain } from './point-chain.ts';
import { filesOf, fileProblem } from './point-files.ts';
import type { Store } from '../store/contract/store.ts';

/** A point whose files can be checked. */
type Complete = Extract<PointEntry, { readonly state: 'complete' }>;

/**
 * Checks that the files of complete points exist and their images have the recorded size: one
 * listing for each point and one look at each image, no contents. Returns, by point ID, the
 * problems of the point and of the points that it builds on; a point without an entry looks intact.
 * Verification finds more.
 */
export async function pointProblems(
  store: Store,
  points: readonly PointEntry[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly Finding[]>> {
  const complete = points.filter((point): point is Complete => point.state === 'complete');
  const own = new Map<string, readonly FileFinding[]>();
  const look = async (point: Complete): Promise<void> => {
    own.set(point.id, await ownProblems(store, point, signal));
  };
  await forEachInFlight(complete, AT_ONCE, look, signal);
  const all = new Map<string, readonly Finding[]>();
  for (const point of complete) {
    const findings = (own.get(point.id) ?? []).map(({ finding }) => finding);
    findings.push(...inheritedProblems(points, point, own));
    if (findings.length > 0) all.set(point.id, findings);
  }
  return all;
}

/** Number of points that are checked at the same time. */
const AT_ONCE = 8;

interface FileFinding {
  /** '' if it is about the point's folder. */
  readonly file: string;
  readonly finding: Finding;
}

async function ownProblems(
  store: Store,
  { id, manifest }: Complete,
  signal: AbortSignal,
): Promise<readonly FileFinding[]> {
  const findings: FileFinding[] = [];
  const error = (file: string, code: FindingCode, message: string): void => {
    findings.push({ file, finding: { code, severity: 'error', message } });
  };
  try {
    const folder = pointFolder(manifest.vm.id, id);
    const names = new Set(await store.list(folder, signal));
    for (const { file } of filesOf(manifest)) {
      // Files in `config/` are left to verification, so that one listing suffices.
      if (file.includes('/') || names.has(file)) continue;
      error(file, 'file.missing', `${id}: ${file} is missing`);
    }
    for (const { file, fileSize } of manifest.disks) {
      if (!names.has(file)) continue;
      const problem = await fileProblem(store, manifest, file, fileSize, signal);
      if (problem !== undefined) findings.push({ file, finding: problem });
    }
  } catch (reason) {
    signal.throwIfAborted();
    // A temporary failure, such as a busy share, does not make the point damaged.
    if (isEngineError(reason) && reason.permanent)
      error('', reason.code, `${id}: ${reason.message}`);
    else if (!isEngineError(reason)) throw reason;
  }
  return findings;
}

/**
 * Returns the problems that a point inherits: the images of its parents are needed, their other
 * files are not.
 */
function inheritedProblems(
  points: readonly PointEntry[],
  { id, manifest }: Complete,
  own: ReadonlyMap<string, readonly FileFinding[]>,
): readonly Finding[] {
  const findings = new Map<string, Finding>();
  for (const { number } of manifest.disks) {
    try {
      for (const { point, disk } of diskChain(points, id, number).slice(1)) {
        const found = own.get(point.id)?.find(({ file }) => file === disk.file || file === '');
        if (found === undefined) continue;
        const message = `${id} builds on ${point.id}, which cannot be read: ${found.finding.message}`;
        findings.set(point.id, { code: 'chain.files', severity: 'error', message });
      }
    } catch (error) {
      if (!isEngineError(error)) throw error;
      findings.set(error.code, { code: error.code, severity: 'error', message: error.message });
    }
  }
  return [...findings.values()];
}
