import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import { ChainHashes } from '../../../../src/engine/backup/hashes/chain-hashes.ts';
import { differingCells } from '../../../../src/engine/backup/hashes/differing-cells.ts';
import { digestOf } from '../../../../src/engine/backup/hashes/hash-cell.ts';
import {
  HASHES_V1,
  HASHES_V2,
  type HashFormat,
} from '../../../../src/engine/backup/hashes/hash-format.ts';
import { HashTreeWriter } from '../../../../src/engine/backup/hashes/hash-tree-writer.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Range } from '../../../../src/engine/base/range.ts';
import { MemoryStorage } from '../../../support/files/memory-source.ts';
import { collect } from '../../../support/checks/collect.ts';
import { MemoryPart } from '../../../support/files/memory-part.ts';

/** A tree of a disk by the values of its units (0: zeros), and its files, newest first. */
interface Tree {
  readonly size: number;
  readonly values: ReadonlyMap<number, number>;
  readonly root: string;
  readonly files: readonly Uint8Array[];
}

const digests = Array.from({ length: 4 }, (_, i) => digestOf(Uint8Array.of(i)));

const open = ({ files, size, root }: Tree, format: HashFormat): Promise<ChainHashes> => {
  const sources = files.map((file, i) => new MemoryStorage(file.slice(), `${i}.hashes`));
  return ChainHashes.open(sources, size, format, root, never);
};

async function add(
  changes: readonly (readonly [number, number])[],
  size: number,
  before: Tree | null,
  format: HashFormat,
): Promise<Tree> {
  const part = new MemoryPart();
  const parent = before === null ? null : await open(before, format);
  const writer = HashTreeWriter.begin(part, size, format, parent);
  const values = new Map(before?.values);
  for (const [at, value] of changes) {
    const unit = at % writer.shape.units;
    values.set(unit, value);
    if (value === 0) writer.setZero(unit);
    else writer.set(unit, digests[value] as Uint8Array);
  }
  const { root } = await writer.finish(never);
  return { size, values, root, files: [part.result, ...(before?.files ?? [])] };
}

/** Unit by unit, over every unit of the smaller disk. */
function naiveDifference(a: Tree, b: Tree, unit: number): Range[] {
  const out: Range[] = [];
  const push = (start: number, end: number): void => {
    const last = out.at(-1);
    if (last?.end === start) out[out.length - 1] = { start: last.start, end };
    else out.push({ start, end });
  };
  const [smaller, larger] = [Math.min(a.size, b.size), Math.max(a.size, b.size)];
  for (let i = 0; i * unit < smaller; i++) {
    const end = Math.min((i + 1) * unit, smaller);
    // The digest of zeros depends on their number.
    const covers = ({ size }: Tree): number => Math.min((i + 1) * unit, size);
    const [one, two] = [a.values.get(i) ?? 0, b.values.get(i) ?? 0];
    const same = one === two && (one !== 0 || covers(a) === covers(b));
    if (!same) push(i * unit, end);
  }
  if (larger > smaller) push(smaller, larger);
  return out;
}

const changes = fc.array(
  fc.tuple(fc.oneof(fc.nat(40), fc.integer({ min: 240, max: 300 }), fc.nat(70_000)), fc.nat(3)),
  { maxLength: 25 },
);

for (const format of [HASHES_V1, HASHES_V2]) {
  test(`two trees differ in exactly the units that differ one by one (version ${format.version})`, async () => {
    // Around the end of a page of leaves, of two levels, and of three.
    const units = fc.oneof(
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(255, 256, 257, 4095, 4096, 4097, 65_537),
    );
    const disk = fc.record({ units, tail: fc.constantFrom(512, 1024, format.unit) });
    await fc.assert(
      fc.asyncProperty(
        disk,
        fc.option(disk, { nil: undefined }),
        fc.array(changes, { maxLength: 3 }),
        fc.array(changes, { minLength: 1, maxLength: 3 }),
        fc.array(changes, { minLength: 1, maxLength: 3 }),
        async (shape, otherShape, common, left, right) => {
          const bytes = (of: typeof shape): number => (of.units - 1) * format.unit + of.tail;
          let base: Tree | null = null;
          for (const step of common) base = await add(step, bytes(shape), base, format);
          const grow = async (steps: readonly (typeof left)[number][], size: number) => {
            // A disk of another size is a chain of its own.
            let tree = size === bytes(shape) ? base : null;
            for (const step of steps) tree = await add(step, size, tree, format);
            return tree as Tree;
          };
          const a = await grow(left, bytes(shape));
          const b = await grow(right, bytes(otherShape ?? shape));
          const [one, two] = [await open(a, format), await open(b, format)];
          const expected = naiveDifference(a, b, format.unit);
          assert.deepEqual(await collect(differingCells(one, two, never)), expected);
          assert.deepEqual(await collect(differingCells(two, one, never)), expected);
          assert.deepEqual(await collect(differingCells(one, one, never)), []);
          assert.equal(a.root === b.root, expected.length === 0);
        },
      ),
      { numRuns: thinned(40) },
    );
  });
}

test('trees of different units are not compared', async () => {
  const one = await open(await add([], 2 ** 20, null, HASHES_V1), HASHES_V1);
  const two = await open(await add([], 2 ** 20, null, HASHES_V2), HASHES_V2);
  await assert.rejects(collect(differingCells(one, two, never)), { code: 'hashes.version' });
});
