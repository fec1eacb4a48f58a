import type { Guid } from '../../base/guid.ts';
import { isEngineError } from '../../base/errors.ts';
import { noLog } from '../../base/log.ts';
import type { Progress } from '../../base/progress.ts';
import type { Finding } from '../../api/host.ts';
import { takeLease } from '../context/take-lease.ts';
import { recordError } from '../errors/record-errors.ts';
import { repairHashes, type HashRepair } from './repair-hashes.ts';
import { pointChain } from '../points/point-chain.ts';
import { toFinding } from '../host/to-finding.ts';
import { Hasher } from './hasher.ts';
import { HeldFiles } from './held-files.ts';
import { later, type Later } from './later.ts';
import { checkSideFiles } from './side-files.ts';
import { DiskVerifier } from './verify-disks.ts';
import { shortText } from '../manifest/bounds.ts';
import { listPoints, type PointEntry } from '../points/catalog.ts';
import { verifiedPath } from '../store/contract/layout.ts';
import { checkFiles } from '../points/point-files.ts';
import type { Store } from '../store/contract/store.ts';

export interface VerifyOptions {
  /** undefined: every point. */
  readonly point: string | undefined;
  /** Checks only files, sizes, heads and parents; no contents. */
  readonly quick: boolean;
  /**
   * First rebuilds damaged hash files from verified contents, under the VM's lease. Not with
   * `quick`.
   */
  readonly repairHashes?: boolean;
  /** From this many stored bytes on, a thread hashes; 64 MiB if absent. */
  readonly threadFrom?: number | undefined;
}

export interface PointVerdict {
  readonly id: string;
  /**
   * It was verified and has no finding of severity error. An unfinished point is neither ok nor
   * damaged.
   */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/** Whether a verdict reports damage; an unfinished point is not damaged. */
export const isDamaged = ({ findings }: PointVerdict): boolean =>
  findings.some(({ severity }) => severity === 'error');

/** Whether a verdict is of an unfinished point, of which nothing was verified. */
export const isUnfinished = ({ findings }: PointVerdict): boolean =>
  findings.some(({ code }) => code === UNFINISHED);

/** Maximum number of points whose last bytes are hashed, or verdicts written, at the same time. */
const MAX_ENDING = 8;
/** Minimum number of bytes for which starting a thread pays off. */
const WORTH_A_THREAD = 64 * 2 ** 20;

const UNFINISHED = 'point.incomplete';

/**
 * Verifies points of a VM: files, sizes, heads and parents, then, unless `quick`, the hash of every
 * cell against the record. Keeps each verdict beside its point. Reports unfinished points, without
 * making the others fail. Throws `point.missing` for a point that the VM does not have.
 */
export async function verifyPoints(
  store: Store,
  vmId: Guid,
  options: VerifyOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly PointVerdict[]> {
  if (options.repairHashes !== true) {
    return verifyAll(store, vmId, options, undefined, progress, signal);
  }
  const deps = { store, progress, log: noLog };
  const lease = await takeLease(deps, vmId, 'verify --repair-hashes', signal);
  try {
    const held = AbortSignal.any([signal, lease.lost]);
    const assertHeld = (until: AbortSignal): Promise<void> => lease.assertHeld(until);
    return await verifyAll(store, vmId, options, { store, progress, assertHeld }, progress, held);
  } finally {
    await lease.release();
  }
}

async function verifyAll(
  store: Store,
  vmId: Guid,
  options: VerifyOptions,
  repair: HashRepair | undefined,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly PointVerdict[]> {
  // A repair happens once.
  const ways = repair === undefined ? [QUICKEST, WITHOUT_GUESS, ALONE] : [ALONE];
  for (;;) {
    const way = ways.shift() as Way;
    const found = await verifyOnce(store, vmId, { ...options, way }, repair, progress, signal);
    if (Array.isArray(found)) return found;
    if (found === 'unread') ways.splice(0, ways.length - 1);
  }
}

/** Way of reading contents. */
interface Way {
  /** On other threads, if so much is stored that they gain time. */
  readonly withThread: boolean;
  /** With guesses about what parents hold, which damage may disprove. */
  readonly guess: boolean;
}

const QUICKEST: Way = { withThread: true, guess: true };
const WITHOUT_GUESS: Way = { withThread: true, guess: false };
/** Never fails to tell what is wrong. */
const ALONE: Way = { withThread: false, guess: false };

/**
 * Returns `unread` if a thread could not read a file, and `guessed` if a guess met damage. No
 * verdict on a point that needs it was kept then; only another way of reading tells what is wrong,
 * and which points it hits.
 */
async function verifyOnce(
  store: Store,
  vmId: Guid,
  { point: wanted, quick, threadFrom = WORTH_A_THREAD, way }: VerifyOptions & { readonly way: Way },
  repair: HashRepair | undefined,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly PointVerdict[] | 'unread' | 'guessed'> {
  const points = await listPoints(store, vmId, signal);
  const verdicts: PointVerdict[] = [];
  const wantedPoints = chosen(points, wanted, repair !== undefined);
  const alone = !way.withThread || storedBytes(wantedPoints) < threadFrom;
  const hasher = quick ? undefined : Hasher.start(alone);
  const tools = hasher && { hasher, held: new HeldFiles(hasher), guess: way.guess };
  const disks = new DiskVerifier(store, points, tools, progress);
  const isOpen = (): boolean => hasher?.readFailed === true || disks.guessedWrong;
  const work = { store, vmId, points, disks, held: tools?.held, quick, isOpen };
  const ending: Promise<PointVerdict>[] = [];
  try {
    disks.need(wantedPoints);
    for (const point of wantedPoints) {
      const repaired =
        repair === undefined || point.state !== 'complete'
          ? []
          : await repairHashes(repair, points, point, signal);
      const found = await readPoint(work, point, signal);
      // Hashed and written while the next points are read.
      const ended = endPoint(work, point, repaired, found, signal);
      // A failure is thrown in order, below.
      ended.catch(() => undefined);
      ending.push(ended);
      const first = ending.length > MAX_ENDING ? ending.shift() : undefined;
      if (first !== undefined) verdicts.push(await first);
      if (isOpen()) break;
    }
    verdicts.push(...(await Promise.all(ending)));
  } finally {
    await Promise.allSettled(ending);
    await disks.close();
    await hasher?.close();
  }
  if (hasher?.readFailed === true) return 'unread';
  return disks.guessedWrong ? 'guessed' : verdicts;
}

/** Returns the bytes that the points' images store. */
function storedBytes(points: readonly PointEntry[]): number {
  const disks = points.flatMap((each) => (each.state === 'complete' ? each.manifest.disks : []));
  return disks.reduce((total, { writtenBytes }) => total + writtenBytes, 0);
}

/**
 * Returns the verdict on a point once everything read of it is hashed, and keeps it beside the
 * point.
 */
async function endPoint(
  { store, vmId, quick, isOpen }: VerifyWork,
  point: PointEntry,
  repaired: readonly Finding[],
  found: readonly Later[],
  signal: AbortSignal,
): Promise<PointVerdict> {
  const lists = await Promise.all(found.map((each) => each.findings));
  const findings = [...repaired, ...lists.flat()];
  const complete = point.state === 'complete';
  const ok = complete && findings.every(({ severity }) => severity !== 'error');
  const verdict = { id: point.id, ok, findings };
  if (complete && !isOpen()) await keep(store, vmId, verdict, quick, signal);
  return verdict;
}

interface VerifyWork {
  readonly store: Store;
  readonly vmId: Guid;
  readonly points: readonly PointEntry[];
  readonly disks: DiskVerifier;
  readonly held: HeldFiles | undefined;
  readonly quick: boolean;
  /** Whether contents have to be read in another way, since verdicts may be wrong. */
  readonly isOpen: () => boolean;
}

/**
 * Returns all points, or the wanted one. For a repair, also its parents, whose hash files it needs.
 */
function chosen(
  points: readonly PointEntry[],
  wanted: string | undefined,
  withParents: boolean,
): readonly PointEntry[] {
  if (wanted === undefined) return points;
  const point = points.find(({ id }) => id === wanted);
  if (point === undefined) {
    const expected = points.map(({ id }) => id);
    throw recordError('point.missing', `The store has no point ${wanted} of this VM`, {
      data: { point: wanted, expected: expected.slice(-100) },
    });
  }
  if (!withParents || point.state !== 'complete') return [point];
  try {
    return [...pointChain(points, wanted)].reverse();
  } catch (error) {
    // The verification reports the problem of the chain.
    if (isEngineError(error)) return [point];
    throw error;
  }
}

/** Reads and checks the files and disks of a point. */
async function readPoint(
  work: VerifyWork,
  point: PointEntry,
  signal: AbortSignal,
): Promise<Later[]> {
  if (point.state === 'partial') {
    const message = `${point.id} was never finished`;
    return [later([{ code: UNFINISHED, severity: 'warning', message }])];
  }
  if (point.state === 'damaged') return [later([toFinding(point.error)])];
  const found = [later([...(await checkFiles(work.store, point.manifest, signal))])];
  if (!work.quick) found.push(...(await checkSideFiles(work, point, signal)));
  for (const disk of point.manifest.disks) found.push(await work.disks.verify(point, disk, signal));
  return found;
}

async function keep(
  store: Store,
  vmId: Guid,
  verdict: PointVerdict,
  quick: boolean,
  signal: AbortSignal,
): Promise<void> {
  // A check of files and headers does not override an earlier result of reading every hash.
  if (quick && verdict.ok) {
    const last = await lastVerdict(store, vmId, verdict.id, signal);
    if (last !== undefined && !last.ok && !last.quick) return;
  }
  const record = {
    version: 1,
    time: new Date().toISOString(),
    quick,
    ok: verdict.ok,
    findings: shortFindings(verdict.findings),
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(record, undefined, 2)}\n`);
  // A finding must not be lost, since it prevents increments on the point. A good verdict can be
  // found again.
  const durability = verdict.ok ? 'passing' : 'durable';
  // A read-only store can still be verified.
  const path = verifiedPath(vmId, verdict.id);
  await store.replaceFile(path, bytes, signal, durability).catch(() => undefined);
}

/** The findings of a point's last verification. */
export interface LastVerdict {
  readonly ok: boolean;
  readonly time: string;
  readonly quick: boolean;
  readonly findings: readonly Finding[];
}

const MAX_FINDINGS = 1000;
/** Maximum file size that the reader accepts; each finding takes at most about 2 KiB. */
const VERDICT_LIMIT = 2 ** 20;
const MAX_KEPT = 400;
const MAX_MESSAGE = 500;

/**
 * Shortens a verdict's findings: enough to describe the damage, and small enough to be read again.
 */
function shortFindings(findings: readonly Finding[]): readonly Finding[] {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const others = findings.filter(({ severity }) => severity !== 'error');
  const kept = [...errors, ...others].slice(0, MAX_KEPT);
  return kept.map(({ code, severity, message }) => {
    return { code, severity, message: shortText(message, MAX_MESSAGE) };
  });
}

/** Returns the last verdict of a point, or undefined if it is missing or cannot be read. */
export async function lastVerdict(
  store: Store,
  vmId: Guid,
  pointId: string,
  signal: AbortSignal,
): Promise<LastVerdict | undefined> {
  try {
    const bytes = await store.readFile(verifiedPath(vmId, pointId), VERDICT_LIMIT, signal);
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
