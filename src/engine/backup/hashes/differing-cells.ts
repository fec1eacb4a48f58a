import type { Range } from '../../base/range.ts';
import type { ChainHashes } from './chain-hashes.ts';
import { DIGEST_SIZE, fanOutOf, pageNodes, topLevel } from './hash-shape.ts';
import { recordError } from '../errors/record-errors.ts';

/**
 * Compares two hash trees and yields the ranges of the disk with different digests, in order and
 * merged. If both trees have the same page, nothing below it is read. If the sizes differ, the rest
 * of the larger disk is different. Throws `hashes.version` for trees of different formats, whose
 * digests cannot be compared.
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
      `The two points cannot be compared: one has a hash for every ${one} bytes, the other for every ${two} bytes`,
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
  yield* below(a, b, smaller, signal);
  if (larger > smaller) yield { start: smaller, end: larger };
}

interface PageNumber {
  readonly level: number;
  readonly page: number;
}

/**
 * Walks the pages with an explicit stack, the first on top: nested generators cost more than the
 * comparison.
 */
async function* below(
  a: ChainHashes,
  b: ChainHashes,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<Range> {
  const { unit } = a.shape.format;
  const open: PageNumber[] = [{ level: Math.min(topLevel(a.shape), topLevel(b.shape)), page: 0 }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { level, page } = at;
    const [ofA, ofB] = [await a.page(level, page, signal), await b.page(level, page, signal)];
    const count = Math.min(pageNodes(a.shape, level, page), pageNodes(b.shape, level, page));
    const first = page * fanOutOf(a.shape, level);
    const nodes = differingNodes(ofA, ofB, count);
    if (level > 0) {
      for (const node of nodes.reverse()) open.push({ level: level - 1, page: first + node });
      continue;
    }
    for (const node of nodes) {
      const start = (first + node) * unit;
      yield { start, end: Math.min(start + unit, size) };
    }
  }
}

/** Returns the indexes of the differing nodes among the first `count`, in order. */
function differingNodes(a: Uint8Array, b: Uint8Array, count: number): number[] {
  const out: number[] = [];
  const [ofA, ofB] = [wordsOf(a), wordsOf(b)];
  for (let node = 0; node < count; node++) {
    for (let i = node * NODE_WORDS; i < (node + 1) * NODE_WORDS; i++) {
      if (ofA[i] === ofB[i]) continue;
      out.push(node);
      break;
    }
  }
  return out;
}

const NODE_WORDS = DIGEST_SIZE / 4;

/** Returns the bytes as 32-bit words, which can be compared without creating array views. */
function wordsOf(bytes: Uint8Array): Int32Array {
  const { buffer, byteOffset, length } = aligned(bytes);
  return new Int32Array(buffer, byteOffset, length / 4);
}

const aligned = (bytes: Uint8Array): Uint8Array =>
  bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
