import type { Range } from '../../base/range.ts';
import type { ChainHashes } from '../hashes/chain-hashes.ts';
import { CELL_SIZE } from '../hashes/hash-cell.ts';
import {
  DIGEST_SIZE,
  fanOutOf,
  pageNodes,
  topLevel,
  unitsBelow,
  zeroNode,
  type TreeShape,
} from '../hashes/hash-shape.ts';

/** Number of pages that are read at the same time. */
const AT_ONCE = 16;

/**
 * Yields the cells of `[start, end)` that a point records as non-zero, in order, in one batch for
 * each page. A node above the leaves covers a whole cell, so no digest of a unit is read: a disk of
 * 1 TiB has 32 MiB of such nodes.
 */
export function recordedCells(
  hashes: ChainHashes,
  cells: Range,
  signal: AbortSignal,
): AsyncGenerator<readonly Range[]> {
  const walk: Walk = { hashes, cells, level: cellLevel(hashes.shape), signal };
  return nodesBelow(walk, topLevel(hashes.shape), 0);
}

interface Walk {
  readonly hashes: ChainHashes;
  readonly cells: Range;
  /** Level whose nodes are one cell each. */
  readonly level: number;
  readonly signal: AbortSignal;
}

/**
 * Returns the level of the tree whose nodes cover one cell each; the top one for a disk of a single
 * cell.
 */
function cellLevel(shape: TreeShape): number {
  let level = 0;
  while (unitsBelow(shape, level) * shape.format.unit < CELL_SIZE && level < topLevel(shape))
    level++;
  return level;
}

async function* nodesBelow(
  walk: Walk,
  level: number,
  page: number,
): AsyncGenerator<readonly Range[]> {
  const { hashes, signal } = walk;
  const runs = dataNodes(walk, level, page, await hashes.page(level, page, signal));
  if (level === walk.level) {
    if (runs.length > 0) yield cellsOf(hashes.shape, level, runs);
    return;
  }
  const children = runs.flatMap(({ start, end }) =>
    Array.from({ length: end - start }, (_, i) => start + i),
  );
  for (let at = 0; at < children.length; at += AT_ONCE) {
    const some = children.slice(at, at + AT_ONCE);
    // From here on they are cached.
    await Promise.all(some.map((child) => hashes.page(level - 1, child, signal)));
    for (const child of some) yield* nodesBelow(walk, level - 1, child);
  }
}

/** Returns the nodes of a page that touch the wanted cells and do not cover only zeros. */
function dataNodes(
  { hashes: { shape }, cells }: Walk,
  level: number,
  page: number,
  bytes: Uint8Array,
): Range[] {
  const first = page * fanOutOf(shape, level);
  const covered = unitsBelow(shape, level) * shape.format.unit;
  const start = Math.max(first, Math.floor((cells.start * CELL_SIZE) / covered));
  const nodes = first + pageNodes(shape, level, page);
  const end = Math.min(nodes, Math.ceil((cells.end * CELL_SIZE) / covered));
  const runs: Range[] = [];
  const zero = zeroNode(shape, level, start);
  for (let node = start; node < end; node++) {
    // The last node of a level may cover less, and then has another digest for zeros.
    const zeros = node === end - 1 ? zeroNode(shape, level, node) : zero;
    if (isAt(bytes, (node - first) * DIGEST_SIZE, zeros)) continue;
    const last = runs.at(-1);
    if (last?.end === node) runs[runs.length - 1] = { start: last.start, end: node + 1 };
    else runs.push({ start: node, end: node + 1 });
  }
  return runs;
}

/** Converts nodes to cells. If the disk is a single cell, any unit with data selects it. */
function cellsOf(shape: TreeShape, level: number, runs: readonly Range[]): readonly Range[] {
  const covered = unitsBelow(shape, level) * shape.format.unit;
  return covered < CELL_SIZE ? [{ start: 0, end: 1 }] : runs;
}

/** Compares in JavaScript: native calls for a million nodes take longer. */
function isAt(bytes: Uint8Array, at: number, digest: Uint8Array): boolean {
  for (let i = 0; i < DIGEST_SIZE; i++) if (bytes[at + i] !== digest[i]) return false;
  return true;
}
