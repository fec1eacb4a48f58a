import { isEngineError, type EngineError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { splitAt } from '../../base/range.ts';
import { RangeSet } from '../../base/range-set.ts';
import { diskRoot } from '../hashes/disk-root.ts';
import { hashFileProblem } from '../images/hash-file-check.ts';
import { hashFormat } from '../hashes/hash-format.ts';
import type { Finding } from '../../api/host.ts';
import type { DiskRecord } from '../manifest/manifest.ts';
import type { CompletePoint, PointEntry } from '../points/catalog.ts';
import { diskChain, type ChainLink } from '../points/point-chain.ts';
import type { BorrowedFile, ByteSource } from '../../source/byte-source.ts';
import type { Store } from '../store/contract/store.ts';
import { toFinding } from '../host/to-finding.ts';
import { batFindings, headFindings } from '../images/verify-image.ts';
import { DiskStates, type DiskState, type OpenDisk } from './disk-states.ts';
import type { Hasher } from './hasher.ts';
import type { HeldFiles } from './held-files.ts';
import { later, type Later } from './later.ts';
import { verifyUnits, type UnitsResult } from './stored-units.ts';
import { BatchBuffers } from './unit-checks.ts';

/** Maximum number of damaged ranges of a disk that are listed. */
const MAX_NAMED = 20;
/**
 * From this many stored bytes on, an image is read by the native library. Less is hashed while the
 * next images are opened.
 */
const WORTH_A_PUMP = 8 * 2 ** 20;

/** Tools for reading all contents. */
export interface ContentsTools {
  readonly hasher: Hasher;
  readonly held: HeldFiles;
  /** Takes units for zeros where their parent's tree says so. */
  readonly guess: boolean;
}

/**
 * Verifies disks of a VM's points: the identities in the chain, the head of each image, its block
 * table, its hash files, and, unless `quick`, the hashes of all contents. Opens each image and
 * reads its bytes once; damage is reported for every point that reads it.
 */
export class DiskVerifier {
  readonly #store: Store;
  readonly #points: readonly PointEntry[];
  readonly #buffers: BatchBuffers | undefined;
  readonly #progress: Progress;
  readonly #states: DiskStates;
  readonly #guess: boolean;
  #guessedWrong = false;

  /** @param tools for contents; undefined: `quick`, without contents. */
  constructor(
    store: Store,
    points: readonly PointEntry[],
    tools: ContentsTools | undefined,
    progress: Progress,
  ) {
    this.#store = store;
    this.#points = points;
    this.#buffers = tools === undefined ? undefined : new BatchBuffers(tools.hasher);
    this.#progress = progress;
    this.#states = new DiskStates(store, tools?.held);
    this.#guess = tools?.guess === true;
  }

  /** Whether a guess met damage: only reading without guesses tells which points it hits. */
  get guessedWrong(): boolean {
    return this.#guessedWrong;
  }

  /** Announces points that will be verified, so that files that several of them read stay open. */
  need(points: readonly PointEntry[]): void {
    for (const point of points) {
      if (point.state !== 'complete') continue;
      for (const { number } of point.manifest.disks) {
        const links = this.#chain(point, number);
        if (!isEngineError(links)) this.#states.need(links);
      }
    }
  }

  /**
   * Reads one disk of a point. Its findings are available once all is hashed, while other disks are
   * read.
   */
  async verify(point: CompletePoint, record: DiskRecord, signal: AbortSignal): Promise<Later> {
    const prefix = `${point.id}: disk ${record.number}: `;
    const links = this.#chain(point, record.number);
    if (isEngineError(links)) return later([toFinding(links, prefix)]);
    try {
      const state = await this.#states.open(
        links,
        async (opened, chain) => {
          const buffers = this.#buffers;
          if (buffers !== undefined) await this.#readContents(opened, chain, buffers, signal);
        },
        signal,
      );
      return await this.#findings(state, links, prefix, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error)) throw error;
      return later([toFinding(error, prefix)]);
    } finally {
      this.#states.release(links);
    }
  }

  async close(): Promise<void> {
    await this.#states.close();
  }

  #chain(point: CompletePoint, number: number): readonly ChainLink[] | EngineError {
    try {
      return diskChain(this.#points, point.id, number);
    } catch (error) {
      if (isEngineError(error)) return error;
      throw error;
    }
  }

  async #findings(
    state: DiskState,
    links: readonly ChainLink[],
    prefix: string,
    signal: AbortSignal,
  ): Promise<Later> {
    const [own] = links as readonly [ChainLink];
    const attempt = async (work: () => Promise<Finding[]>): Promise<Finding[]> => {
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        if (!isEngineError(error)) throw error;
        return [toFinding(error, prefix)];
      }
    };
    const file = isEngineError(state) ? undefined : state.file;
    const head = await attempt(() => headFindings(this.#store, links, file, signal));
    // The head of another disk's image differs too; it is reported once.
    if (isEngineError(state)) {
      return later([...(state.code === 'point.image' ? [] : head), toFinding(state, prefix)]);
    }
    const findings = [...head];
    if (isEngineError(state.hashes)) {
      findings.push(await this.#hashFinding(state.hashes, links, prefix, signal));
    }
    if (this.#buffers === undefined) return later(findings);
    findings.push(
      ...(await attempt(() => batFindings(this.#store, own, state.image, file, signal))),
    );
    return {
      findings: state.damaged.then((damaged) => [
        ...findings,
        ...damageFindings(state, damaged, own.disk, prefix),
      ]),
    };
  }

  /**
   * Reads the data that the point's own image stores, and records damage in it, and in its parents
   * where they show through.
   */
  async #readContents(
    state: OpenDisk,
    links: readonly ChainLink[],
    buffers: BatchBuffers,
    signal: AbortSignal,
  ): Promise<void> {
    const [own] = links as readonly [ChainLink];
    try {
      if (await this.#readByUnits(state, own, buffers, signal)) return;
      // Without its tree, or on a damaged parent, the whole disk is read and verified by its root.
      this.#progress.phase(`${own.point.id}: disk ${own.disk.number}`, own.disk.virtualSize);
      const root = await diskRoot(state.disk, hashFormat(own.disk), this.#progress, signal);
      if (root !== own.disk.hashRoot) state.wrongRoot = root;
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error)) throw error;
      state.failure = error;
    }
  }

  async #readByUnits(
    state: OpenDisk,
    own: ChainLink,
    buffers: BatchBuffers,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { parent, disk, hashes } = state;
    if (isEngineError(hashes)) return false;
    // The location of the parent's damage is unknown.
    if (parent?.failure !== undefined || parent?.wrongRoot !== undefined) return false;
    const before = parent === undefined ? null : parent.hashes;
    if (isEngineError(before)) return false;
    try {
      this.#progress.phase(`${own.point.id}: disk ${own.disk.number}`, own.disk.writtenBytes);
      // Data in the image's log is not in its place in the file yet.
      const inPlace = state.image.log === 'clean';
      const dataAfter = inPlace ? state.file.holes?.() : undefined;
      const file = inPlace && buffers.hasher.readsFiles ? localFile(state.file) : undefined;
      const bulk = own.disk.writtenBytes >= WORTH_A_PUMP;
      const guess = inPlace && this.#guess;
      const tree = { disk, hashes, parent: before, dataAfter, file, bulk, guess };
      const found = await verifyUnits(tree, buffers, this.#progress, signal);
      state.damaged = this.#withParents(found, parent?.damaged);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error, 'hashes.damaged')) throw error;
      state.hashes = error;
      await hashes.close();
      return false;
    }
  }

  /** Returns the damage in a disk: its own, and its parent's where that shows through. */
  async #withParents(
    { damaged, touched, guessed }: UnitsResult,
    parents: Promise<RangeSet> | undefined,
  ): Promise<RangeSet> {
    const [own, before] = [await damaged, (await parents) ?? RangeSet.empty];
    this.#guessedWrong ||= !guessed.intersect(own.union(before)).isEmpty;
    return own.union(before.subtract(touched));
  }

  /**
   * Returns the finding for a hash file. Damage only in a parent's hash file is a warning here: it
   * is the parent's error.
   */
  async #hashFinding(
    error: EngineError,
    links: readonly ChainLink[],
    prefix: string,
    signal: AbortSignal,
  ): Promise<Finding> {
    // A missing hash file can be repaired, like one with a flipped bit.
    const code = error.code === 'store.missing' ? 'hashes.damaged' : error.code;
    const finding = { ...toFinding(error, prefix), code };
    const [own, ...parents] = await this.#hashProblems(links, signal);
    const ofParent = own === undefined && parents.some((problem) => problem !== undefined);
    return ofParent ? { ...finding, severity: 'warning' } : finding;
  }

  /** Returns the problem of each link's hash file. */
  async #hashProblems(
    links: readonly ChainLink[],
    signal: AbortSignal,
  ): Promise<(EngineError | undefined)[]> {
    const problems: (EngineError | undefined)[] = [];
    for (const i of links.keys()) {
      const found = await hashFileProblem(this.#store, links.slice(i), signal).catch(
        (problem: unknown) => {
          signal.throwIfAborted();
          if (isEngineError(problem)) return problem;
          throw problem;
        },
      );
      problems.push(found);
    }
    return problems;
  }
}

/**
 * Borrows a file that one thread may read on its own: of others, several parts must be requested at
 * the same time.
 */
function localFile(file: ByteSource): BorrowedFile | undefined {
  const borrowed = file.borrow?.();
  if (borrowed?.local !== false) return borrowed;
  borrowed.release();
  return undefined;
}

function damageFindings(
  { wrongRoot, failure }: OpenDisk,
  damaged: RangeSet,
  record: DiskRecord,
  prefix: string,
): Finding[] {
  if (failure !== undefined) return [toFinding(failure, prefix)];
  if (wrongRoot !== undefined) {
    const message = `${prefix}its hash root is ${wrongRoot}, expected ${record.hashRoot}`;
    return [{ code: 'disk.hash', severity: 'error', message }];
  }
  const findings: Finding[] = [];
  for (const range of damaged) {
    for (const { start } of splitAt(range, record.hashUnit)) {
      const message = `${prefix}the data at ${start} does not match the recorded hash`;
      findings.push({ code: 'cell.hash', severity: 'error', message });
      if (findings.length === MAX_NAMED) return findings;
    }
  }
  return findings;
}
