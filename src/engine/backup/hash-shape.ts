import { createHash } from 'node:crypto';
import { CELL_SIZE, cellCount, cellLength, zeroDigest } from './hash-cell.ts';

/**
 * The shape of a disk's hash tree (FORMAT.md, "Hash tree"). Nodes of level 0 are the digests of the
 * cells. A page of level k holds up to 256 nodes of level k, and its own hash is a node of level k+1.
 * The single page of the highest level is the top.
 *
 *   level 2                       [ top page ]
 *   level 1             [ page 0 ] … [ page n ]
 *   level 0   [ 256 cells ][ 256 cells ] … [ the rest ]
 */
export const FAN_OUT = 256;
export const DIGEST_SIZE = 32;

export interface TreeShape {
  readonly virtualSize: number;
  readonly cells: number;
  /** Nodes of each level; the last one is 1, the top page's own hash. */
  readonly nodes: readonly number[];
  /** The hash that a node of each level has where every cell below it is zero … */
  readonly zero: readonly Uint8Array[];
  /** … and the same for the last node of the level, which may cover less. */
  readonly lastZero: readonly Uint8Array[];
}

export function treeShape(virtualSize: number): TreeShape {
  const cells = cellCount(virtualSize);
  const nodes = [cells];
  const zero = [zeroDigest(CELL_SIZE)];
  const lastZero = [zeroDigest(cellLength(cells - 1, virtualSize))];
  for (let level = 0; level === 0 || (nodes[level] as number) > 1; level++) {
    const count = nodes[level] as number;
    const full = repeat(zero[level] as Uint8Array, FAN_OUT);
    const last = full.slice(0, (count - FAN_OUT * (Math.ceil(count / FAN_OUT) - 1)) * DIGEST_SIZE);
    last.set(lastZero[level] as Uint8Array, last.length - DIGEST_SIZE);
    nodes.push(Math.ceil(count / FAN_OUT));
    zero.push(pageHash(level, full));
    lastZero.push(pageHash(level, last));
  }
  return { virtualSize, cells, nodes, zero, lastZero };
}

function repeat(digest: Uint8Array, count: number): Uint8Array {
  const bytes = new Uint8Array(digest.length * count);
  for (let i = 0; i < count; i++) bytes.set(digest, i * digest.length);
  return bytes;
}

/** The level of the top page. */
export const topLevel = (shape: TreeShape): number => shape.nodes.length - 2;

/** How many pages a level has. */
export const pageCount = (shape: TreeShape, level: number): number =>
  shape.nodes[level + 1] as number;

/** How many nodes a page holds: 256, or what is left for the last one. */
export function pageNodes(shape: TreeShape, level: number, page: number): number {
  return Math.min(FAN_OUT, (shape.nodes[level] as number) - page * FAN_OUT);
}

/** How many cells lie below one node of a level. */
export const nodeCells = (level: number): number => FAN_OUT ** level;

/** The hash of a node below which every cell is zero. */
export function zeroNode(shape: TreeShape, level: number, node: number): Uint8Array {
  const last = node === (shape.nodes[level] as number) - 1;
  return (last ? shape.lastZero : shape.zero)[level] as Uint8Array;
}

/** The bytes of a page below which every cell is zero (a new array). */
export function zeroPage(shape: TreeShape, level: number, page: number): Uint8Array {
  const count = pageNodes(shape, level, page);
  const bytes = repeat(shape.zero[level] as Uint8Array, count);
  const last = zeroNode(shape, level, page * FAN_OUT + count - 1);
  bytes.set(last, bytes.length - DIGEST_SIZE);
  return bytes;
}

const PAGE_PREFIX = prefix('refpoint page');
const ROOT_PREFIX = prefix('refpoint root');

function prefix(text: string): Uint8Array {
  const bytes = new Uint8Array(15);
  bytes.set(new TextEncoder().encode(text));
  return bytes;
}

/** SHA-256 over 15 bytes of prefix, the level as one byte, and the page. The prefix keeps pages and cells apart. */
export function pageHash(level: number, page: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(PAGE_PREFIX)
    .update(Uint8Array.of(level))
    .update(page)
    .digest();
}

/** The root: it binds the disk's size and the tree's parameters to the top page's hash. Hexadecimal. */
export function rootHash(shape: TreeShape, topHash: Uint8Array): string {
  const parameters = new Uint8Array(17);
  const view = new DataView(parameters.buffer);
  view.setBigUint64(1, BigInt(shape.virtualSize), true);
  view.setUint32(9, CELL_SIZE, true);
  view.setUint32(13, FAN_OUT, true);
  return createHash('sha256').update(ROOT_PREFIX).update(parameters).update(topHash).digest('hex');
}

/** Whether two runs of bytes are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
