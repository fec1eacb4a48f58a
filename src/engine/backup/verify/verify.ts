import type { Guid } from '../../base/guid.ts';
import type { Finding } from '../../api/host.ts';
import { isEngineError } from '../../base/errors.ts';
import { noLog } from '../../base/log.ts';
import type { Progress } from '../../base/progress.ts';
import { takeLease } from '../context/take-lease.ts';
import { recordError } from '../errors/record-errors.ts';
import { repairHashes, type HashRepair } from './repair-hashes.ts';
import { pointChain } from '../points/point-chain.ts';
import { toFinding } from '../host/to-finding.ts';
import { Hasher } from './hasher.ts';
import { HeldFiles } from './held-files.ts';
import { later, type Later } from './later.ts';
import { checkSideFiles } from './side-files.ts';
import { keepVerdict, UNFINISHED, type PointVerdict } from './verdict.ts';
import { DiskVerifier } from './verify-disks.ts';
import { listPoints, type PointEntry } from '../points/catalog.ts';
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

/** Maximum number of points whose last bytes are hashed, or verdicts written, at the same time. */
const MAX_ENDING = 8;
/** Minimum number of bytes for which starting a thread pays off. */
const WORTH_A_THREAD = 64 * 2 ** 20;

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
  if (complete && !isOpen()) await keepVerdict(store, vmId, verdict, quick, signal);
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
