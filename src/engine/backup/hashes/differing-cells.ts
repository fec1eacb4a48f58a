import type { Range } from '../../base/range.ts';
import type { ChainHashes } from './chain-hashes.ts';
import { DIGEST_SIZE, fanOutOf, pageNodes, sameBytes, topLevel } from './hash-shape.ts';
import { recordError } from '../errors/record-errors.ts';

/**
 * Compares two hash trees and yields the ranges of the disk, in order and merged, whose units have different digests. Where both
 * trees have the same page nothing below it is read. If the sizes differ, what only one disk has is different.
 * Throws `hashes.version` for trees of different formats, whose digests say nothing about each other.
 */
export async function* differingCells(
  a: ChainHashes,
  b: ChainHashes,
  signal: AbortSignal,
): AsyncGenerator<Range> {
  const [one, two] = [a.shape.format.unit, b.shape.format.unit];
  if (one !== two) {
    throw recordError(
      'hashes.version',
      `The two points cannot be compared: one has hashes of ${one} bytes each, the other of ${two}`,
      { data: { found: one, expected: two } },
    );
  }
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
    const node = page * fanOutOf(a.shape, level) + i;
    if (level > 0) {
      yield* below(a, b, level - 1, node, size, signal);
      continue;
    }
    const { unit } = a.shape.format;
    yield { start: node * unit, end: Math.min((node + 1) * unit, size) };
  }
}
