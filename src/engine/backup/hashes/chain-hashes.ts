import type { ByteSource } from '../../source/byte-source.ts';
import {
  DIGEST_SIZE,
  fanOutOf,
  pageNodes,
  rootHash,
  sameBytes,
  topLevel,
  treeShape,
  unitsBelow,
  zeroNode,
  zeroPage,
  type TreeShape,
} from './hash-shape.ts';
import type { HashFormat } from './hash-format.ts';
import { openHashFile, type HashFile, type HashPage } from './hash-tree-file.ts';
import { recordError } from '../errors/record-errors.ts';

/** Units `[start, end)` that are of one page, or all zero. */
export interface HashRun {
  readonly start: number;
  readonly end: number;
  /** 32 bytes for each unit; null if all of them are zero. */
  readonly digests: Uint8Array | null;
}

/**
 * More levels than any tree has: pages of 16 leaves and 256 nodes above them reach 64 TiB with
 * five.
 */
const LEVELS = 16;
const keyOf = (level: number, page: number): number => page * LEVELS + level;
/** Bytes of pages that are kept in memory. */
const CACHE_BYTES = 4 * 2 ** 20;

/**
 * The hash tree of a disk at one point, read from the `.hashes` files of the point and its parents.
 */
export class ChainHashes {
  readonly shape: TreeShape;
  /** Hexadecimal, as the manifest records it. */
  readonly root: string;
  readonly #files: readonly HashFile[];
  readonly #sources: readonly ByteSource[];
  /** Verified pages, least recently used first. */
  readonly #cache = new Map<number, Uint8Array>();
  #cachedBytes = 0;

  private constructor(
    shape: TreeShape,
    root: string,
    files: readonly HashFile[],
    sources: readonly ByteSource[],
  ) {
    this.shape = shape;
    this.root = root;
    this.#files = files;
    this.#sources = sources;
  }

  /**
   * Opens the tree. Every page is verified against the page above it when it is read. Throws
   * `hashes.damaged`.
   * @param sources the disk's `.hashes` files, the point's own first, its full's last. The tree
   * closes them, also if opening fails.
   * @param root as the point's manifest records it
   */
  static async open(
    sources: readonly ByteSource[],
    virtualSize: number,
    format: HashFormat,
    root: string,
    signal: AbortSignal,
  ): Promise<ChainHashes> {
    try {
      const shape = treeShape(virtualSize, format);
      const files: HashFile[] = [];
      for (const source of sources) files.push(await openHashFile(source, shape, signal));
      checkChain(files, root);
      const tree = new ChainHashes(shape, root, files, sources);
      await tree.page(topLevel(shape), 0, signal);
      return tree;
    } catch (error) {
      for (const source of sources) await source.close();
      throw error;
    }
  }

  /**
   * Opens the tree of a child point, from the child's own file. The two trees share the parents'
   * files: closing this tree closes them, closing the child closes only its own file.
   */
  async child(source: ByteSource, root: string, signal: AbortSignal): Promise<ChainHashes> {
    try {
      const files = [await openHashFile(source, this.shape, signal), ...this.#files];
      checkChain(files, root);
      const tree = new ChainHashes(this.shape, root, files, [source]);
      await tree.page(topLevel(this.shape), 0, signal);
      return tree;
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  get virtualSize(): number {
    return this.shape.virtualSize;
  }

  /** Like {@link leaf} without waiting; undefined if its page was not read lately. */
  cachedLeaf(unit: number): Uint8Array | undefined {
    const { leafFanOut } = this.shape.format;
    const page = this.#cached(0, Math.floor(unit / leafFanOut));
    return page && nodeOf(page, unit % leafFanOut);
  }

  /** Returns the SHA-256 of one unit (32 bytes). */
  async leaf(unit: number, signal: AbortSignal): Promise<Uint8Array> {
    this.#checkUnits(unit, unit + 1);
    const { leafFanOut } = this.shape.format;
    const number = Math.floor(unit / leafFanOut);
    const page = this.#cached(0, number) ?? (await this.page(0, number, signal));
    return nodeOf(page, unit % leafFanOut);
  }

  /**
   * Yields the units `[start, end)` in order, without gaps. A run of zero units of any length comes
   * as one run without digests. Nothing below a zero page is read, so a mostly empty disk costs
   * little.
   */
  async *leaves(start: number, end: number, signal: AbortSignal): AsyncGenerator<HashRun> {
    this.#checkUnits(start, end);
    let zero: HashRun | undefined;
    for await (const run of this.#below(topLevel(this.shape), 0, start, end, signal)) {
      if (run.digests === null) {
        zero = { start: zero?.start ?? run.start, end: run.end, digests: null };
        continue;
      }
      if (zero !== undefined) yield zero;
      zero = undefined;
      yield run;
    }
    if (zero !== undefined) yield zero;
  }

  /**
   * Returns a page's nodes, 32 bytes each, verified up to the root. The array is shared: do not
   * change it.
   */
  async page(level: number, page: number, signal: AbortSignal): Promise<Uint8Array> {
    const cached = this.#cached(level, page);
    if (cached !== undefined) return cached;
    signal.throwIfAborted();
    // No file has the pages below a node of zeros, which are most: looking through all would cost
    // more than reading them.
    if (await this.#isZeroBelow(level, page, signal)) return zeroPage(this.shape, level, page);
    const at = this.#lookUp(level, page);
    const found =
      at.place === 0
        ? this.#zeroPage(level, page)
        : await at.file.page(level, page, at.place, signal);
    // Pages of leaves follow each other below one page, which is then in the cache.
    if (!this.#isProven(level, page, found.hash)) {
      await this.#prove(level, page, found.hash, at.file.name, signal);
    }
    this.#keep(keyOf(level, page), found.bytes);
    return found.bytes;
  }

  /** Verifies each page of the point's own file up to the root. Throws `hashes.damaged`. */
  async proveOwnPages(signal: AbortSignal): Promise<void> {
    for (const { level, page } of this.#files[0]?.pages() ?? []) {
      await this.page(level, page, signal);
    }
  }

  async close(): Promise<void> {
    for (const source of this.#sources) await source.close();
  }

  /** Returns a recently verified page. */
  #cached(level: number, page: number): Uint8Array | undefined {
    const key = keyOf(level, page);
    const cached = this.#cache.get(key);
    if (cached === undefined) return undefined;
    this.#cache.delete(key);
    this.#cache.set(key, cached);
    return cached;
  }

  #keep(key: number, bytes: Uint8Array): void {
    this.#cachedBytes += bytes.length - (this.#cache.get(key)?.length ?? 0);
    this.#cache.set(key, bytes);
    for (const [oldest, page] of this.#cache) {
      if (this.#cachedBytes <= CACHE_BYTES) return;
      this.#cache.delete(oldest);
      this.#cachedBytes -= page.length;
    }
  }

  /** Returns the file that has a page, and its place there; 0 if every unit below it is zero. */
  #lookUp(level: number, page: number): { readonly file: HashFile; readonly place: number } {
    for (const file of this.#files) {
      const place = file.placeOf(level, page);
      if (place !== undefined) return { file, place };
    }
    return { file: this.#files[0] as HashFile, place: 0 };
  }

  #zeroPage(level: number, page: number): HashPage {
    const bytes = zeroPage(this.shape, level, page);
    return { bytes, hash: zeroNode(this.shape, level + 1, page) };
  }

  /** Whether the page above says that every unit below a page is zero. */
  async #isZeroBelow(level: number, page: number, signal: AbortSignal): Promise<boolean> {
    if (level === topLevel(this.shape)) return false;
    const fanOut = fanOutOf(this.shape, level + 1);
    const number = Math.floor(page / fanOut);
    const above = this.#cached(level + 1, number) ?? (await this.page(level + 1, number, signal));
    return isNode(above, page % fanOut, zeroNode(this.shape, level + 1, page));
  }

  /** Whether the page above was read lately and has this hash; otherwise {@link #prove} decides. */
  #isProven(level: number, page: number, hash: Uint8Array): boolean {
    if (level === topLevel(this.shape)) return false;
    const fanOut = fanOutOf(this.shape, level + 1);
    const above = this.#cached(level + 1, Math.floor(page / fanOut));
    return above !== undefined && isNode(above, page % fanOut, hash);
  }

  async #prove(
    level: number,
    page: number,
    hash: Uint8Array,
    name: string,
    signal: AbortSignal,
  ): Promise<void> {
    if (level === topLevel(this.shape)) {
      if (rootHash(this.shape, hash) === this.root) return;
    } else {
      const fanOut = fanOutOf(this.shape, level + 1);
      const number = Math.floor(page / fanOut);
      const above = this.#cached(level + 1, number) ?? (await this.page(level + 1, number, signal));
      if (sameBytes(nodeOf(above, page % fanOut), hash)) return;
    }
    throw recordError(
      'hashes.damaged',
      `${name} is damaged: page ${page} of level ${level} of the hash tree does not match the root ${this.root}`,
      { data: { file: name, level, page, root: this.root } },
    );
  }

  /** Yields the runs below one page that lie in `[start, end)`. */
  async *#below(
    level: number,
    page: number,
    start: number,
    end: number,
    signal: AbortSignal,
  ): AsyncGenerator<HashRun> {
    const bytes = await this.page(level, page, signal);
    const units = unitsBelow(this.shape, level);
    const firstNode = page * fanOutOf(this.shape, level);
    const from = Math.max(Math.floor(start / units), firstNode);
    const to = Math.min(Math.ceil(end / units), firstNode + pageNodes(this.shape, level, page));
    for (let node = from; node < to;) {
      const zeros = this.#zeroNodes(level, bytes, node, to, firstNode);
      if (zeros > 0) {
        const run = {
          start: node * units,
          end: Math.min((node + zeros) * units, this.shape.units),
        };
        yield { start: Math.max(run.start, start), end: Math.min(run.end, end), digests: null };
        node += zeros;
      } else if (level > 0) {
        yield* this.#below(level - 1, node, start, end, signal);
        node++;
      } else {
        let stop = node + 1;
        while (stop < to && this.#zeroNodes(0, bytes, stop, stop + 1, firstNode) === 0) stop++;
        const digests = bytes.slice((node - firstNode) * 32, (stop - firstNode) * 32);
        yield { start: node, end: stop, digests };
        node = stop;
      }
    }
  }

  /** Counts the consecutive nodes from `node` up to `to` that cover only zeros. */
  #zeroNodes(level: number, bytes: Uint8Array, node: number, to: number, first: number): number {
    let count = 0;
    while (
      node + count < to &&
      isNode(bytes, node + count - first, zeroNode(this.shape, level, node + count))
    ) {
      count++;
    }
    return count;
  }

  #checkUnits(start: number, end: number): void {
    if (!(start >= 0 && start <= end && end <= this.shape.units)) {
      throw recordError(
        'hashes.usage',
        `Units ${start} to ${end} are outside of the disk, which has ${this.shape.units} units`,
      );
    }
  }
}

function nodeOf(page: Uint8Array, index: number): Uint8Array {
  return page.subarray(index * DIGEST_SIZE, (index + 1) * DIGEST_SIZE);
}

/**
 * Whether a page's node equals this digest. Most differ in the first byte, so a loop is cheaper
 * than creating array views.
 */
function isNode(page: Uint8Array, index: number, digest: Uint8Array): boolean {
  const start = index * DIGEST_SIZE;
  for (let i = 0; i < DIGEST_SIZE; i++) if (page[start + i] !== digest[i]) return false;
  return true;
}

/**
 * Checks that each file continues the next one, that the last belongs to a full, and that the first
 * has the root.
 */
function checkChain(files: readonly HashFile[], root: string): void {
  let expected = root;
  for (const [i, file] of files.entries()) {
    const last = i === files.length - 1;
    if (file.root !== expected || last !== (file.parentRoot === '')) {
      const problem =
        file.root === expected
          ? `it ${last ? 'continues another file, which is missing' : 'belongs to a full, but follows other files'}`
          : `its root is ${file.root}, expected ${expected}`;
      throw recordError('hashes.damaged', `${file.name} does not match its chain: ${problem}`, {
        data: { file: file.name, found: file.root, expected },
      });
    }
    expected = file.parentRoot;
  }
  if (files.length === 0) throw recordError('hashes.usage', 'A hash tree needs its files');
}
