import type { PartWriter } from '../../source/byte-source.ts';
import type { ChainHashes } from './chain-hashes.ts';
import { HashFileWriter } from './hash-file-writer.ts';
import type { HashFormat } from './hash-format.ts';
import {
  DIGEST_SIZE,
  fanOutOf,
  pageHash,
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
import { recordError } from '../errors/record-errors.ts';

/** The result of a finished tree. */
export interface HashTreeResult {
  /** Lower-case hexadecimal, 64 characters. */
  readonly root: string;
  /** Size and SHA-256 of the file; 0 and '' if no file was written. */
  readonly size: number;
  readonly sha256: string;
}

const describe = ({ virtualSize, format }: Pick<TreeShape, 'virtualSize' | 'format'>): string =>
  `a disk of ${virtualSize} bytes in units of ${format.unit}`;

/** A page with at least one new node; its other nodes come from the parent's page. */
interface PendingPage {
  readonly nodes: Uint8Array;
  readonly named: Uint8Array;
}

/**
 * Receives the digests of units in any order and computes the tree's root. With a writer, also
 * writes the file of changed pages. Units that are never set keep the parent's digest, or are zero
 * without a parent.
 *
 * A page takes up to 8 KiB of memory from its first unit until `sealBelow` passes it, so a reader
 * that advances and seals needs little memory. Without sealing, all touched pages stay in memory:
 * 32 bytes for each of their units.
 */
export class HashTreeWriter {
  readonly #shape: TreeShape;
  readonly #parent: ChainHashes | null;
  readonly #file: HashFileWriter | null;
  /** Unsealed pages of each level. */
  readonly #pending: readonly Map<number, PendingPage>[];
  /** Memory of sealed pages of leaves, for the next ones. */
  readonly #free: PendingPage[] = [];
  #topHash: Uint8Array | undefined;
  #sealed = 0;
  #work: Promise<void> = Promise.resolve();

  private constructor(shape: TreeShape, parent: ChainHashes | null, file: HashFileWriter | null) {
    this.#shape = shape;
    this.#parent = parent;
    this.#file = file;
    this.#pending = Array.from({ length: topLevel(shape) + 1 }, () => new Map());
  }

  /**
   * Begins a tree.
   * @param file receives the `.hashes` file; null only computes the root (restore, verify).
   * @param parent the tree of the parent point, of the same virtual size and format; null for a
   * full. The caller keeps and closes it.
   */
  static begin(
    file: PartWriter | null,
    virtualSize: number,
    format: HashFormat,
    parent: ChainHashes | null,
  ): HashTreeWriter {
    const shape = parent?.shape ?? treeShape(virtualSize, format);
    if (shape.virtualSize !== virtualSize || shape.format !== format) {
      const [found, expected] = [describe(shape), describe({ virtualSize, format })];
      throw recordError('hashes.usage', `${expected} cannot continue a tree of ${found}`);
    }
    const writer = file === null ? null : new HashFileWriter(file, shape);
    return new HashTreeWriter(shape, parent, writer);
  }

  get shape(): TreeShape {
    return this.#shape;
  }

  /** Sets the SHA-256 of one unit. The last call for a unit counts. Rejects sealed units. */
  set(unit: number, digest: Uint8Array): void {
    if (!(unit >= this.#sealed && unit < this.#shape.units && digest.length === DIGEST_SIZE)) {
      throw recordError(
        'hashes.usage',
        `Unit ${unit} is sealed (below ${this.#sealed}) or outside the ${this.#shape.units} units`,
      );
    }
    this.#name(0, unit, digest);
  }

  /** Marks a unit as zeros. */
  setZero(unit: number): void {
    this.set(unit, zeroNode(this.#shape, 0, unit));
  }

  /**
   * Declares that no unit below `unit` will be set any more, and frees the pages that lie below it.
   */
  async sealBelow(unit: number, signal: AbortSignal): Promise<void> {
    if (unit <= this.#sealed) return;
    this.#sealed = unit;
    // Seals run one at a time, in the order of calls: each handles the pages below its own mark.
    const work = this.#work.then(() => this.#seal(unit, signal));
    this.#work = work;
    await work;
  }

  /**
   * Completes the file, if any, and returns the root. After an error here or in sealing, call only
   * `abandon`.
   */
  async finish(signal: AbortSignal): Promise<HashTreeResult> {
    await this.#work;
    this.#sealed = this.#shape.units;
    await this.#seal(this.#shape.units, signal);
    const root =
      this.#topHash === undefined
        ? (this.#parent?.root ?? rootHash(this.#shape, this.#zeroTop()))
        : rootHash(this.#shape, this.#topHash);
    if (this.#file === null) return { root, size: 0, sha256: '' };
    return { root, ...(await this.#file.complete(root, this.#parent?.root ?? '', signal)) };
  }

  /** Removes the unfinished file; does nothing after `finish`. */
  async abandon(): Promise<void> {
    await this.#work.catch(() => undefined);
    await this.#file?.abandon();
  }

  #zeroTop(): Uint8Array {
    return zeroNode(this.#shape, this.#shape.nodes.length - 1, 0);
  }

  #name(level: number, node: number, hash: Uint8Array): void {
    const pages = this.#pending[level] as Map<number, PendingPage>;
    const fanOut = fanOutOf(this.#shape, level);
    const index = Math.floor(node / fanOut);
    let page = pages.get(index);
    if (page === undefined) pages.set(index, (page = this.#newPage(level, index)));
    const at = node % fanOut;
    page.nodes.set(hash, at * DIGEST_SIZE);
    page.named[at] = 1;
  }

  #newPage(level: number, index: number): PendingPage {
    const count = pageNodes(this.#shape, level, index);
    if (level === 0 && this.#free.at(-1)?.named.length === count) {
      return this.#free.pop() as PendingPage;
    }
    return { nodes: new Uint8Array(count * DIGEST_SIZE), named: new Uint8Array(count) };
  }

  /**
   * Writes the pages below a mark. Each page comes right after the last one below it, whenever
   * seals happen. The file therefore depends only on the changes, and a rebuilt one has the
   * recorded size and SHA-256.
   */
  async #seal(below: number, signal: AbortSignal): Promise<void> {
    const pages = this.#pending[0] as Map<number, PendingPage>;
    const ready = [...pages.keys()].filter((page) => this.#endOf(0, page) <= below);
    for (const page of ready.sort((a, b) => a - b)) {
      const start = page * unitsBelow(this.#shape, 1);
      if (this.#hasAbove(start)) await this.#sealAbove(start, signal);
      await this.#sealPage(0, page, signal);
    }
    await this.#sealAbove(below, signal);
  }

  /**
   * Seals pages of higher levels that end at `below` or before. Sealing a page sets a node of the
   * level above.
   */
  async #sealAbove(below: number, signal: AbortSignal): Promise<void> {
    for (let level = 1; level < this.#pending.length; level++) {
      // At most one: the pages below it come in order.
      for (const page of (this.#pending[level] as Map<number, PendingPage>).keys()) {
        if (this.#endOf(level, page) <= below) await this.#sealPage(level, page, signal);
      }
    }
  }

  /** Whether {@link #sealAbove} has a page to seal: rarely, for each page of leaves. */
  #hasAbove(below: number): boolean {
    for (let level = 1; level < this.#pending.length; level++) {
      for (const page of (this.#pending[level] as Map<number, PendingPage>).keys()) {
        if (this.#endOf(level, page) <= below) return true;
      }
    }
    return false;
  }

  /** Returns the unit after the last one below a page. */
  #endOf(level: number, page: number): number {
    return Math.min((page + 1) * unitsBelow(this.#shape, level + 1), this.#shape.units);
  }

  async #sealPage(level: number, index: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const pages = this.#pending[level] as Map<number, PendingPage>;
    const page = pages.get(index) as PendingPage;
    pages.delete(index);
    const zeros = zeroPage(this.#shape, level, index);
    const base = this.#parent === null ? zeros : await this.#parent.page(level, index, signal);
    const { nodes, named } = page;
    for (let i = 0; i < named.length; i++) {
      if (named[i] === 1) continue;
      const first = i;
      while (i + 1 < named.length && named[i + 1] === 0) i++;
      nodes.set(base.subarray(first * DIGEST_SIZE, (i + 1) * DIGEST_SIZE), first * DIGEST_SIZE);
    }
    // The page is unchanged after all: readers find it in the parent's file.
    if (!sameBytes(nodes, base)) {
      const isZero = sameBytes(nodes, zeros);
      const writing = this.#file?.add(level, index, isZero ? 'zero' : nodes, signal);
      if (writing !== undefined) await writing;
      const hash = pageHash(level, nodes);
      if (level === topLevel(this.#shape)) this.#topHash = hash;
      else this.#name(level + 1, index, hash);
    }
    named.fill(0);
    if (level === 0) this.#free.push(page);
  }
}
