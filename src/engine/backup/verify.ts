import { createHash } from 'node:crypto';
import type { Guid } from '../base/guid.ts';
import { isEngineError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { diskRoot } from './disk-root.ts';
import { CELL_SIZE, zeroDigest, cellLength } from './hash-cell.ts';
import type { Finding } from './host.ts';
import type { DiskRecord } from './manifest.ts';
import { openStoredDisk, type StoredDisk } from './stored-disk.ts';
import { listPoints, type CompletePoint, type PointEntry } from './store/catalog.ts';
import { pointFile, verifiedPath } from './store/layout.ts';
import { checkFiles, filesOf } from './store/point-files.ts';
import { diskChain } from './store/point-chain.ts';
import type { Store } from './store/store.ts';

export interface VerifyOptions {
  /** undefined: every point. */
  readonly point: string | undefined;
  /** Files, sizes and parents only; no contents. */
  readonly quick: boolean;
}

export interface PointVerdict {
  readonly id: string;
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Verifies points of a VM: files, sizes, headers and parents, then, unless `quick`, the hash of every cell against the record.
 * Each verdict is kept beside its point. Points that were never finished are told, and are no failure of the others.
 */
export async function verifyPoints(
  store: Store,
  vmId: Guid,
  options: VerifyOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly PointVerdict[]> {
  const points = await listPoints(store, vmId, signal);
  const chosen = points.filter((each) => options.point === undefined || each.id === options.point);
  const verdicts: PointVerdict[] = [];
  for (const point of chosen) {
    const findings = await verifyPoint(store, points, point, options.quick, progress, signal);
    const ok = findings.every((finding) => finding.severity !== 'error');
    const verdict = { id: point.id, ok, findings };
    verdicts.push(verdict);
    if (point.state === 'complete') await keep(store, vmId, verdict, options.quick, signal);
  }
  return verdicts;
}

async function verifyPoint(
  store: Store,
  points: readonly PointEntry[],
  point: PointEntry,
  quick: boolean,
  progress: Progress,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (point.state === 'partial') {
    const message = `${point.id} was never finished; refpoint clean removes it`;
    return [{ code: 'point.incomplete', severity: 'warning', message }];
  }
  if (point.state === 'damaged') return [toFinding(point.error)];
  const findings: Finding[] = [...(await checkFiles(store, point.manifest, signal))];
  if (!quick) findings.push(...(await checkSideFiles(store, point, signal)));
  for (const disk of point.manifest.disks) {
    findings.push(...(await verifyDisk(store, points, point, disk, quick, progress, signal)));
  }
  return findings;
}

/** Small files carry their SHA-256 in the manifest. */
async function checkSideFiles(
  store: Store,
  point: CompletePoint,
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { file, size, sha256 } of filesOf(point.manifest)) {
    if (sha256 === null) continue;
    const path = pointFile(point.manifest.vm.id, point.id, file);
    const bytes = await store.readFile(path, size, signal).catch(() => undefined);
    if (bytes === undefined) continue;
    if (createHash('sha256').update(bytes).digest('hex') === sha256) continue;
    const message = `${point.id}: ${file} does not have the recorded SHA-256`;
    findings.push({ code: 'file.hash', severity: 'error', message });
  }
  return findings;
}

async function verifyDisk(
  store: Store,
  points: readonly PointEntry[],
  point: CompletePoint,
  record: DiskRecord,
  quick: boolean,
  progress: Progress,
  signal: AbortSignal,
): Promise<Finding[]> {
  let stored: StoredDisk | undefined;
  try {
    stored = await openStoredDisk(store, diskChain(points, point.id, record.number), signal);
    if (quick) return [];
    progress.phase(`${point.id}: disk ${record.number}`, record.virtualSize);
    return await verifyCells(stored, point, record, progress, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    return [toFinding(error, `${point.id}: disk ${record.number}: `)];
  } finally {
    await stored?.close();
  }
}

/** How many wrong cells are named. */
const MAX_NAMED = 20;

async function verifyCells(
  stored: StoredDisk,
  point: CompletePoint,
  record: DiskRecord,
  progress: Progress,
  signal: AbortSignal,
): Promise<Finding[]> {
  const root = await diskRoot(stored.disk, progress, signal);
  if (root === record.hashRoot) return [];
  const found = await differingCells(stored, record, signal);
  return found.map((offset) => ({
    code: 'cell.hash',
    severity: 'error',
    message: `${point.id}: disk ${record.number}: the bytes at ${offset} do not have the recorded hash`,
  }));
}

/** Only when the root is wrong: reads again and compares cell by cell. */
async function differingCells(
  stored: StoredDisk,
  record: DiskRecord,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const digests = new Map<number, Uint8Array | null>();
  const note = (cell: number, digest: Uint8Array | null): void => void digests.set(cell, digest);
  await diskRoot(
    stored.disk,
    { phase: () => undefined, advance: () => undefined, note: () => undefined },
    signal,
    note,
  );
  const wrong: number[] = [];
  for await (const run of stored.hashes.leaves(0, stored.hashes.shape.cells, signal)) {
    for (let cell = run.start; cell < run.end && wrong.length < MAX_NAMED; cell++) {
      const zero = zeroDigest(cellLength(cell, record.virtualSize));
      const expected =
        run.digests?.subarray((cell - run.start) * 32, (cell - run.start + 1) * 32) ?? zero;
      if (Buffer.compare(digests.get(cell) ?? zero, expected) !== 0) wrong.push(cell * CELL_SIZE);
    }
  }
  return wrong;
}

function toFinding(error: Error & { readonly code?: string }, prefix = ''): Finding {
  return {
    code: error.code ?? 'point.damaged',
    severity: 'error',
    message: prefix + error.message,
  };
}

async function keep(
  store: Store,
  vmId: Guid,
  verdict: PointVerdict,
  quick: boolean,
  signal: AbortSignal,
): Promise<void> {
  const record = {
    version: 1,
    time: new Date().toISOString(),
    quick,
    ok: verdict.ok,
    findings: verdict.findings,
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(record, undefined, 2)}\n`);
  // A store that can only be read is verified all the same.
  await store.replaceFile(verifiedPath(vmId, verdict.id), bytes, signal).catch(() => undefined);
}

/** The last verdict of a point, or undefined where there is none that can be read. */
export async function lastVerdict(
  store: Store,
  vmId: Guid,
  pointId: string,
  signal: AbortSignal,
): Promise<{ readonly ok: boolean; readonly time: string; readonly quick: boolean } | undefined> {
  try {
    const bytes = await store.readFile(verifiedPath(vmId, pointId), 2 ** 20, signal);
    if (bytes === undefined) return undefined;
    const { ok, time, quick } = JSON.parse(new TextDecoder().decode(bytes)) as Record<
      string,
      unknown
    >;
    return { ok: ok === true, time: String(time), quick: quick === true };
  } catch {
    return undefined;
  }
}
