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
import type { Store } from '../store/contract/store.ts';
import { toFinding } from '../host/to-finding.ts';
import { batFindings, headFindings } from '../images/verify-image.ts';
import { DiskStates, type DiskState, type OpenDisk } from './disk-states.ts';
import type { Hasher } from './hasher.ts';
import type { HeldFiles } from './held-files.ts';
import { later, type Later } from './later.ts';
import { verifyUnits } from './stored-units.ts';
import { BatchBuffers } from './unit-checks.ts';

/** Wrong places of a disk that are named. */
const MAX_NAMED = 20;

/** What reading all contents takes. */
export interface ContentsTools {
  readonly hasher: Hasher;
  readonly held: HeldFiles;
}

/**
 * Verifies disks of a VM's points: identities of the chain, the head of each image, its block table, its hash files, and, unless
 * `quick`, the hashes of all contents. Each image is opened once and its bytes are read once; what is damaged in it is named
 * for every point that reads it.
 */
export class DiskVerifier {
  readonly #store: Store;
  readonly #points: readonly PointEntry[];
  readonly #buffers: BatchBuffers | undefined;
  readonly #progress: Progress;
  readonly #states: DiskStates;

  /** @param tools for contents; undefined: `quick`, which reads none. */
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
  }

  /** Announces points that will be verified, so that what several of them read stays open. */
  need(points: readonly PointEntry[]): void {
    for (const point of points) {
      if (point.state !== 'complete') continue;
      for (const { number } of point.manifest.disks) {
        const links = this.#chain(point, number);
        if (!isEngineError(links)) this.#states.need(links);
      }
    }
  }

  /** Reads one disk of a point. What is found is known once all is hashed, which goes on while others are read. */
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
      await this.#states.release(links);
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
    // An image of another disk differs in its head too: that is said once.
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

  /** Reads what the point's own image stores, and notes what is damaged in it, and in its parents where they show through. */
  async #readContents(
    state: OpenDisk,
    links: readonly ChainLink[],
    buffers: BatchBuffers,
    signal: AbortSignal,
  ): Promise<void> {
    const [own] = links as readonly [ChainLink];
    try {
      if (await this.#readByUnits(state, own, buffers, signal)) return;
      // Without its tree, or on a parent that is damaged somewhere, the whole disk is read and proven by the root.
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
    // It is not known where the parent is damaged.
    if (parent?.failure !== undefined || parent?.wrongRoot !== undefined) return false;
    const before = parent === undefined ? null : parent.hashes;
    if (isEngineError(before)) return false;
    try {
      this.#progress.phase(`${own.point.id}: disk ${own.disk.number}`, own.disk.writtenBytes);
      // What a log of the image would write is not in its file yet.
      const dataAfter = state.image.log === 'clean' ? state.file.holes?.() : undefined;
      const tree = { disk, hashes, parent: before, dataAfter };
      const { touched, damaged } = await verifyUnits(tree, buffers, this.#progress, signal);
      state.damaged = withParents(damaged, parent?.damaged, touched);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error, 'hashes.damaged')) throw error;
      state.hashes = error;
      await hashes.close();
      return false;
    }
  }

  /** Damage to the hash file of a parent alone is a warning here: it is the parent's error. */
  async #hashFinding(
    error: EngineError,
    links: readonly ChainLink[],
    prefix: string,
    signal: AbortSignal,
  ): Promise<Finding> {
    // A hash file that is gone is damage that can be repaired, as one with a flipped bit.
    const code = error.code === 'store.missing' ? 'hashes.damaged' : error.code;
    const finding = { ...toFinding(error, prefix), code };
    const [own, ...parents] = await this.#hashProblems(links, signal);
    const ofParent = own === undefined && parents.some((problem) => problem !== undefined);
    return ofParent ? { ...finding, severity: 'warning' } : finding;
  }

  /** Returns what is wrong with the hash file of each link. */
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

/** What is damaged in a disk: of its own, and of its parent's where that shows through. */
async function withParents(
  own: Promise<RangeSet>,
  parents: Promise<RangeSet> | undefined,
  touched: RangeSet,
): Promise<RangeSet> {
  const shown = (await parents)?.subtract(touched) ?? RangeSet.empty;
  return (await own).union(shown);
}

function damageFindings(
  { wrongRoot, failure }: OpenDisk,
  damaged: RangeSet,
  record: DiskRecord,
  prefix: string,
): Finding[] {
  if (failure !== undefined) return [toFinding(failure, prefix)];
  if (wrongRoot !== undefined) {
    const message = `${prefix}its hash root is ${wrongRoot}, not the recorded ${record.hashRoot}`;
    return [{ code: 'disk.hash', severity: 'error', message }];
  }
  const findings: Finding[] = [];
  for (const range of damaged) {
    for (const { start } of splitAt(range, record.hashUnit)) {
      const message = `${prefix}the bytes at ${start} do not have the recorded hash`;
      findings.push({ code: 'cell.hash', severity: 'error', message });
      if (findings.length === MAX_NAMED) return findings;
    }
  }
  return findings;
}
