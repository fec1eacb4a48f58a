import type { PartWriter } from '../source/byte-source.ts';
import type { ChainHashes } from './chain-hashes.ts';
import { HashFileWriter } from './hash-file-writer.ts';
import {
  DIGEST_SIZE,
  FAN_OUT,
  nodeCells,
  pageHash,
  pageNodes,
  rootHash,
  sameBytes,
  topLevel,
  treeShape,
  zeroNode,
  zeroPage,
  type TreeShape,
} from './hash-shape.ts';
import { recordError } from './record-errors.ts';

/** What a finished tree is known by. */
export interface HashTreeResult {
  /** Lower-case hexadecimal, 64 characters. */
  readonly root: string;
  /** Of the file; 0 and '' where none was written. */
  readonly size: number;
  readonly sha256: string;
}

/** A page that some node of was named; nodes that were not come from the parent's page. */
interface PendingPage {
  readonly nodes: Uint8Array;
  readonly named: Uint8Array;
}

/**
 * Takes the digests of cells in any order and makes the tree's root, and the file of changed pages
 * where a writer is given. Cells never named keep the parent's digest, or are zero without a parent.
 *
 * A page takes 8 KiB of memory from its first cell until `sealBelow` passes it, so a reader that
 * advances and seals needs little; without sealing, 32 bytes for each cell of the pages touched
 * (2 GiB for 64 TiB full of data).
 */
export class HashTreeWriter {
  readonly #shape: TreeShape;
  readonly #parent: ChainHashes | null;
  readonly #file: HashFileWriter | null;
  /** For each level, the pages that are not sealed yet. */
  readonly #pending: readonly Map<number, PendingPage>[];
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
   * @param file takes the `.hashes` file; null only computes the root (restore, verify).
   * @param parent the tree of the parent point, of the same virtual size; null for a full. It stays
   *   open and the caller's.
   */
  static begin(
    file: PartWriter | null,
    virtualSize: number,
    parent: ChainHashes | null,
  ): HashTreeWriter {
    if (parent !== null && parent.virtualSize !== virtualSize) {
      throw recordError(
        'hashes.usage',
        `A disk of ${virtualSize} bytes cannot continue a tree of ${parent.virtualSize}`,
      );
    }
    const shape = treeShape(virtualSize);
    const writer = file === null ? null : new HashFileWriter(file, virtualSize);
    return new HashTreeWriter(shape, parent, writer);
  }

  /** One cell's SHA-256 (hash-cell.ts). Of the same cell twice the last one counts. Sealed cells are refused. */
  set(cell: number, digest: Uint8Array): void {
    if (!(cell >= this.#sealed && cell < this.#shape.cells && digest.length === DIGEST_SIZE)) {
      throw recordError(
        'hashes.usage',
        `Cell ${cell} is sealed (below ${this.#sealed}) or outside the ${this.#shape.cells} cells`,
      );
    }
    this.#name(0, cell, digest);
  }

  /** The cell reads as zeros. */
  setZero(cell: number): void {
    this.set(cell, zeroNode(this.#shape, 0, cell));
  }

  /** Promises that no cell below `cell` will come any more: the pages that lie below it leave memory. */
  async sealBelow(cell: number, signal: AbortSignal): Promise<void> {
    if (cell <= this.#sealed) return;
    this.#sealed = cell;
    // One at a time, in the order of calls: each takes what lies below its own mark.
    const work = this.#work.then(() => this.#seal(cell, signal));
    this.#work = work;
    await work;
  }

  /** Completes the file, if any, and answers the root. After a failure, of sealing too, only `abandon` is left. */
  async finish(signal: AbortSignal): Promise<HashTreeResult> {
    await this.#work;
    this.#sealed = this.#shape.cells;
    await this.#seal(this.#shape.cells, signal);
    const root =
      this.#topHash === undefined
        ? (this.#parent?.root ?? rootHash(this.#shape, this.#zeroTop()))
        : rootHash(this.#shape, this.#topHash);
    if (this.#file === null) return { root, size: 0, sha256: '' };
    return { root, ...(await this.#file.complete(root, this.#parent?.root ?? '', signal)) };
  }

  /** Leaves no file; after `finish` it does nothing. */
  async abandon(): Promise<void> {
    await this.#work.catch(() => undefined);
    await this.#file?.abandon();
  }

  #zeroTop(): Uint8Array {
    return zeroNode(this.#shape, this.#shape.nodes.length - 1, 0);
  }

  #name(level: number, node: number, hash: Uint8Array): void {
    const pages = this.#pending[level] as Map<number, PendingPage>;
    const index = Math.floor(node / FAN_OUT);
    let page = pages.get(index);
    if (page === undefined) {
      const count = pageNodes(this.#shape, level, index);
      page = { nodes: new Uint8Array(count * DIGEST_SIZE), named: new Uint8Array(count) };
      pages.set(index, page);
    }
    const at = node % FAN_OUT;
    page.nodes.set(hash, at * DIGEST_SIZE);
    page.named[at] = 1;
  }

  /** Level by level: sealing a page names a node of the level above. */
  async #seal(below: number, signal: AbortSignal): Promise<void> {
    for (const [level, pages] of this.#pending.entries()) {
      const cells = nodeCells(level + 1);
      const ready = [...pages.keys()].filter(
        (page) => Math.min((page + 1) * cells, this.#shape.cells) <= below,
      );
      for (const page of ready.sort((a, b) => a - b)) {
        signal.throwIfAborted();
        await this.#sealPage(level, page, pages.get(page) as PendingPage, signal);
        pages.delete(page);
      }
    }
  }

  async #sealPage(
    level: number,
    index: number,
    page: PendingPage,
    signal: AbortSignal,
  ): Promise<void> {
    const zeros = zeroPage(this.#shape, level, index);
    const base = this.#parent === null ? zeros : await this.#parent.page(level, index, signal);
    const nodes = page.nodes;
    for (let i = 0; i < page.named.length; i++) {
      if (page.named[i] === 1) continue;
      nodes.set(base.subarray(i * DIGEST_SIZE, (i + 1) * DIGEST_SIZE), i * DIGEST_SIZE);
    }
    // A page that came out as the parent has it is found there; what was written was no change.
    if (sameBytes(nodes, base)) return;
    await this.#file?.add(level, index, sameBytes(nodes, zeros) ? 'zero' : nodes, signal);
    const hash = pageHash(level, nodes);
    if (level === topLevel(this.#shape)) this.#topHash = hash;
    else this.#name(level + 1, index, hash);
  }
}
