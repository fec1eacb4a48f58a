import type { Range } from '../base/range.ts';
import type { ChainHashes } from './chain-hashes.ts';
import { CELL_SIZE } from './hash-cell.ts';
import { DIGEST_SIZE, FAN_OUT, nodeCells, pageNodes, sameBytes, topLevel } from './hash-shape.ts';

/**
 * Compares two hash trees and yields the ranges of the disk, in order and merged, whose cells have different digests. Where both
 * trees have the same page nothing below it is read. If the sizes differ, what only one disk has is different.
 */
export async function* differingCells(
  a: ChainHashes,
  b: ChainHashes,
  signal: AbortSignal,
): AsyncGenerator<Range> {
  let open: Range | undefined;
  for await (const { start, end } of differences(a, b, signal)) {
    if (open !== undefined && open.end === start) open = { start: open.start, end };
    else {
      if (open !== undefined) yield open;
      open = { start, end };
    }
  }
  if (open !== undefined) yield open;
}

async function* differences(
  a: ChainHashes,
  b: ChainHashes,
  signal: AbortSignal,
): AsyncGenerator<Range> {
  const smaller = Math.min(a.virtualSize, b.virtualSize);
  const larger = Math.max(a.virtualSize, b.virtualSize);
  const level = Math.min(topLevel(a.shape), topLevel(b.shape));
  yield* below(a, b, level, 0, smaller, signal);
  if (larger > smaller) yield { start: smaller, end: larger };
}

async function* below(
  a: ChainHashes,
  b: ChainHashes,
  level: number,
  page: number,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<Range> {
  const [ofA, ofB] = [await a.page(level, page, signal), await b.page(level, page, signal)];
  const count = Math.min(pageNodes(a.shape, level, page), pageNodes(b.shape, level, page));
  for (let i = 0; i < count; i++) {
    const at = i * DIGEST_SIZE;
    if (sameBytes(ofA.subarray(at, at + DIGEST_SIZE), ofB.subarray(at, at + DIGEST_SIZE))) continue;
    const node = page * FAN_OUT + i;
    if (level > 0) {
      yield* below(a, b, level - 1, node, size, signal);
      continue;
    }
    const start = node * nodeCells(0) * CELL_SIZE;
    yield { start, end: Math.min(start + CELL_SIZE, size) };
  }
}
