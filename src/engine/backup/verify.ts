import { createHash } from 'node:crypto';
import type { Guid } from '../base/guid.ts';
import { isEngineError } from '../base/errors.ts';
import type { ByteSource } from '../source/byte-source.ts';
import type { Progress } from '../base/progress.ts';
import type { Finding } from './host.ts';
import { toFinding } from './to-finding.ts';
import { verifyDisk } from './verify-disk.ts';
import { listPoints, type CompletePoint, type PointEntry } from './store/catalog.ts';
import { pointFile, verifiedPath } from './store/layout.ts';
import { checkFiles, filesOf } from './store/point-files.ts';
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
    try {
      const found = await fileSha256(store, path, size, signal);
      // A file that is missing or of another size is told by checkFiles.
      if (found === undefined || found === sha256) continue;
      const message = `${point.id}: ${file} does not have the recorded SHA-256`;
      findings.push({ code: 'file.hash', severity: 'error', message });
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error)) throw error;
      findings.push(toFinding(error, `${point.id}: ${file}: `));
    }
  }
  return findings;
}

const PIECE = 2 ** 20;

/** Streamed, since the hash file of a large disk is large; undefined where the file is not there in this size. */
async function fileSha256(
  store: Store,
  path: string,
  size: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  let file: ByteSource;
  try {
    file = await store.openFile(path, signal);
  } catch (error) {
    if (isEngineError(error, 'store.missing', 'source.notFile')) return undefined;
    throw error;
  }
  try {
    if (file.size !== size) return undefined;
    const hash = createHash('sha256');
    const buffer = Buffer.alloc(Math.min(PIECE, size));
    for (let at = 0; at < size; at += buffer.length) {
      const part = buffer.subarray(0, Math.min(buffer.length, size - at));
      await file.read(at, part, signal);
      hash.update(part);
    }
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}

async function keep(
  store: Store,
  vmId: Guid,
  verdict: PointVerdict,
  quick: boolean,
  signal: AbortSignal,
): Promise<void> {
  // Looking at files and headers does not undo what reading every hash has found.
  if (quick && verdict.ok) {
    const last = await lastVerdict(store, vmId, verdict.id, signal);
    if (last !== undefined && !last.ok && !last.quick) return;
  }
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

/** What was found when a point was last verified. */
export interface LastVerdict {
  readonly ok: boolean;
  readonly time: string;
  readonly quick: boolean;
  readonly findings: readonly Finding[];
}

const MAX_FINDINGS = 1000;

/** The last verdict of a point, or undefined where there is none that can be read. */
export async function lastVerdict(
  store: Store,
  vmId: Guid,
  pointId: string,
  signal: AbortSignal,
): Promise<LastVerdict | undefined> {
  try {
    const bytes = await store.readFile(verifiedPath(vmId, pointId), 2 ** 20, signal);
    if (bytes === undefined) return undefined;
    const { ok, time, quick, findings } = JSON.parse(new TextDecoder().decode(bytes)) as Record<
      string,
      unknown
    >;
    const list = Array.isArray(findings) ? findings.slice(0, MAX_FINDINGS) : [];
    return {
      ok: ok === true,
      time: String(time),
      quick: quick === true,
      findings: list.flatMap(toKnownFinding),
    };
  } catch {
    return undefined;
  }
}

function toKnownFinding(value: unknown): Finding[] {
  const { code, severity, message } = value as Partial<Finding>;
  if (typeof code !== 'string' || typeof message !== 'string') return [];
  return [
    { code, severity: severity === 'warning' || severity === 'info' ? severity : 'error', message },
  ];
}
