import { createHash, hash } from 'node:crypto';
import { zeroDigest } from './hash-cell.ts';
import type { HashFormat } from './hash-format.ts';

/**
 * The shape of a disk's hash tree (FORMAT.md, "Hash tree"). Nodes of level 0, the leaves, are the
 * digests of the disk's units. A page of level k holds neighbouring nodes of level k (16 or 256
 * leaves by format, 256 nodes above), and its own hash is a node of level k+1. The single page of
 * the highest level is the top.
 *
 *   level 2                       [ top page ]
 *   level 1             [ page 0 ] … [ page n ]
 *   level 0   [ leaves ][ leaves ] … [ the rest ]
 */
const FAN_OUT = 256;
export const DIGEST_SIZE = 32;

export interface TreeShape {
  readonly format: HashFormat;
  readonly virtualSize: number;
  /** Number of leaves. */
  readonly units: number;
  /** Number of nodes of each level; the last is 1, the top page's own hash. */
  readonly nodes: readonly number[];
  /** Hash of a node of each level if every unit below it is zero. */
  readonly zero: readonly Uint8Array[];
  /** The same for the last node of the level, which may cover less. */
  readonly lastZero: readonly Uint8Array[];
  /** Bytes of a full page of each level below which every unit is zero, and of its last page. */
  readonly zeroPages: readonly Uint8Array[];
  readonly lastZeroPages: readonly Uint8Array[];
}

export function treeShape(virtualSize: number, format: HashFormat): TreeShape {
  const units = Math.ceil(virtualSize / format.unit);
  const nodes = [units];
  const zero = [zeroDigest(format.unit)];
  const lastZero = [zeroDigest(virtualSize - (units - 1) * format.unit)];
  const zeroPages: Uint8Array[] = [];
  const lastZeroPages: Uint8Array[] = [];
  for (let level = 0; level === 0 || (nodes[level] as number) > 1; level++) {
    const fanOut = level === 0 ? format.leafFanOut : FAN_OUT;
    const count = nodes[level] as number;
    const full = repeat(zero[level] as Uint8Array, fanOut);
    const last = full.slice(0, (count - fanOut * (Math.ceil(count / fanOut) - 1)) * DIGEST_SIZE);
    last.set(lastZero[level] as Uint8Array, last.length - DIGEST_SIZE);
    nodes.push(Math.ceil(count / fanOut));
    zero.push(pageHash(level, full));
    lastZero.push(pageHash(level, last));
    zeroPages.push(full);
    lastZeroPages.push(last);
  }
  return { format, virtualSize, units, nodes, zero, lastZero, zeroPages, lastZeroPages };
}

function repeat(digest: Uint8Array, count: number): Uint8Array {
  const bytes = new Uint8Array(digest.length * count);
  if (count > 0) bytes.set(digest);
  // Fills the array by doubling.
  for (let done = digest.length; done < bytes.length; done *= 2) bytes.copyWithin(done, 0, done);
  return bytes;
}

/** Returns the number of nodes in a full page of a level. */
export const fanOutOf = (shape: TreeShape, level: number): number =>
  level === 0 ? shape.format.leafFanOut : FAN_OUT;

/** Returns the level of the top page. */
export const topLevel = (shape: TreeShape): number => shape.nodes.length - 2;

/** Returns the number of pages of a level. */
export const pageCount = (shape: TreeShape, level: number): number =>
  shape.nodes[level + 1] as number;

/** Returns the number of nodes in a page: full, except for the last page of a level. */
export function pageNodes(shape: TreeShape, level: number, page: number): number {
  const fanOut = fanOutOf(shape, level);
  return Math.min(fanOut, (shape.nodes[level] as number) - page * fanOut);
}

/** Returns the number of units below one node of a level. */
export const unitsBelow = (shape: TreeShape, level: number): number =>
  level === 0 ? 1 : shape.format.leafFanOut * FAN_OUT ** (level - 1);

/** Returns the hash of a node below which every unit is zero. */
export function zeroNode(shape: TreeShape, level: number, node: number): Uint8Array {
  const last = node === (shape.nodes[level] as number) - 1;
  return (last ? shape.lastZero : shape.zero)[level] as Uint8Array;
}

/** Returns the bytes of a page below which every unit is zero. The array is shared: do not change it. */
export function zeroPage(shape: TreeShape, level: number, page: number): Uint8Array {
  const last = page === pageCount(shape, level) - 1;
  return (last ? shape.lastZeroPages : shape.zeroPages)[level] as Uint8Array;
}

const PAGE_PREFIX = prefix('refpoint page');
const ROOT_PREFIX = prefix('refpoint root');

function prefix(text: string): Uint8Array {
  const bytes = new Uint8Array(15);
  bytes.set(new TextEncoder().encode(text));
  return bytes;
}

/**
 * Computes the SHA-256 of 15 bytes of prefix, the level as one byte, and the page. The prefix
 * prevents a page from matching a unit.
 */
export function pageHash(level: number, page: Uint8Array): Uint8Array {
  // One call: creating a Hash object costs as much as the digest of a small page.
  const bytes = scratch.subarray(0, PAGE_PREFIX.length + 1 + page.length);
  bytes.set(PAGE_PREFIX);
  bytes[PAGE_PREFIX.length] = level;
  bytes.set(page, PAGE_PREFIX.length + 1);
  return hash('sha256', bytes, 'buffer');
}

const scratch = new Uint8Array(PAGE_PREFIX.length + 1 + FAN_OUT * DIGEST_SIZE);

/**
 * Computes the root from the disk's size, the tree's parameters and the top page's hash.
 * Hexadecimal.
 */
export function rootHash(shape: TreeShape, topHash: Uint8Array): string {
  const parameters = new Uint8Array(17);
  const view = new DataView(parameters.buffer);
  view.setBigUint64(1, BigInt(shape.virtualSize), true);
  view.setUint32(9, shape.format.unit, true);
  view.setUint32(13, shape.format.leafFanOut, true);
  return createHash('sha256').update(ROOT_PREFIX).update(parameters).update(topHash).digest('hex');
}

/** Whether two runs of bytes are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
