import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { ChainHashes } from '../../../../src/engine/backup/hashes/chain-hashes.ts';
import { digestOf, zeroDigest } from '../../../../src/engine/backup/hashes/hash-cell.ts';
import { HASHES_V1, HASHES_V2 } from '../../../../src/engine/backup/hashes/hash-format.ts';
import { HashTreeWriter } from '../../../../src/engine/backup/hashes/hash-tree-writer.ts';
import type { PartWriter } from '../../../../src/engine/source/byte-source.ts';
import { MemoryStorage } from '../../../support/files/memory-source.ts';
import { naiveRoot } from '../../../support/store/naive-root.ts';

const digest = (value: string): Uint8Array => digestOf(new TextEncoder().encode(value));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

class Part implements PartWriter {
  readonly name = 'test.hashes';
  readonly storage = new MemoryStorage();
  completed = false;
  abandoned = false;
  write(offset: number, bytes: Uint8Array): Promise<void> {
    return this.storage.write(offset, bytes, never);
  }
  async complete(size: number): Promise<void> {
    await this.storage.resize(size, never);
    this.completed = true;
  }
  abandon(): Promise<void> {
    this.abandoned = true;
    return Promise.resolve();
  }
}

interface Tree {
  readonly root: string;
  /** Newest first. */
  readonly files: readonly Uint8Array[];
}

for (const format of [HASHES_V1, HASHES_V2]) {
  const { unit } = format;
  const size = (cells: number, tail = unit): number => (cells - 1) * unit + tail;

  const open = (tree: Tree, virtualSize: number): Promise<ChainHashes> =>
    ChainHashes.open(
      tree.files.map((file, i) => new MemoryStorage(file.slice(), `${i}.hashes`)),
      virtualSize,
      format,
      tree.root,
      never,
    );

  async function build(
    virtualSize: number,
    cells: Iterable<readonly [number, Uint8Array]>,
    before: Tree | null,
  ): Promise<Tree> {
    const part = new Part();
    const parent = before === null ? null : await open(before, virtualSize);
    const writer = HashTreeWriter.begin(part, virtualSize, format, parent);
    for (const [cell, value] of cells) writer.set(cell, value);
    const result = await writer.finish(never);
    const file = part.storage.contents();
    assert.equal(result.size, file.length);
    assert.equal(result.sha256, hex(createHash('sha256').update(file).digest()));
    return { root: result.root, files: [file, ...(before?.files ?? [])] };
  }

  const rootByDefinition = (virtualSize: number, leaves: readonly Uint8Array[]): string =>
    naiveRoot(virtualSize, leaves, format);

  const plainZero = new Map<number, Uint8Array>();

  /** SHA-256 of zeros, not by the engine. */
  function plainZeroDigest(length: number): Uint8Array {
    const known = plainZero.get(length);
    const made = known ?? createHash('sha256').update(new Uint8Array(length)).digest();
    plainZero.set(length, made);
    return made;
  }

  function zeros(virtualSize: number): Uint8Array[] {
    const count = Math.ceil(virtualSize / unit);
    const last = virtualSize - (count - 1) * unit;
    return Array.from({ length: count }, (_, i) => plainZeroDigest(i === count - 1 ? last : unit));
  }

  test(`the root is what FORMAT.md defines, for empty, short, full and many-level disks (version ${format.version})`, async () => {
    for (const [cells, tail] of [
      [1, 512],
      [1, unit],
      [2, 512],
      [255, unit],
      [256, 512],
      [257, unit],
      [513, 1024],
    ] as const) {
      const bytes = size(cells, tail);
      const leaves = zeros(bytes);
      assert.equal((await build(bytes, [], null)).root, rootByDefinition(bytes, leaves));
      for (const cell of new Set([0, cells >> 1, cells - 1])) leaves[cell] = digest(`cell ${cell}`);
      const named = [...leaves.entries()].filter(([i]) => leaves[i] !== undefined);
      assert.equal((await build(bytes, named, null)).root, rootByDefinition(bytes, leaves));
      const touched = [0, cells >> 1, cells - 1].map((c) => [c, digest(`cell ${c}`)] as const);
      assert.equal((await build(bytes, touched, null)).root, rootByDefinition(bytes, leaves));
    }
  });

  test(`a known root does not change from version to version (version ${format.version})`, async () => {
    const tree = await build(
      size(300, 512),
      [
        [7, digest('seven')],
        [299, digest('last')],
      ],
      null,
    );
    const known = {
      1: '7b7f859152efc9428cca0030b03af3a51fe3313b5b3e438e7ad7bf19b70500dc',
      2: 'fe8c421e17e0934f3aad78d654facf3eefb89bb56097a354ff1909286e831f6f',
    };
    assert.equal(tree.root, known[format.version]);
  });

  test(`disks of other sizes with the same cells have other roots (version ${format.version})`, async () => {
    const one = await build(size(3), [[0, digest('a')]], null);
    const two = await build(size(4), [[0, digest('a')]], null);
    assert.notEqual(one.root, two.root);
  });

  test(`any chain of points, fed in any order, reads back as the flat list of digests says (version ${format.version})`, async () => {
    const cell = fc.nat({ max: 699 });
    const step = fc.record({
      cells: fc.array(fc.tuple(cell, fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5 }))), {
        maxLength: 40,
      }),
      seal: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
        const bytes = size(700, 512);
        const flat = zeros(bytes);
        const zero = zeros(bytes);
        let tree: Tree | null = null;
        for (const { cells, seal } of steps) {
          const values = new Map<number, Uint8Array>();
          for (const [at, value] of cells) {
            values.set(at, value === 0 ? (zero[at] as Uint8Array) : digest(`${value}`));
          }
          const order = seal ? [...values].sort(([a], [b]) => a - b) : [...values];
          tree = await buildSealed(bytes, order, seal, tree);
          for (const [at, value] of values) flat[at] = value;
          assert.equal(tree.root, rootByDefinition(bytes, flat));
        }
        const chain = await open(tree as Tree, bytes);
        for (const at of [0, 255, 256, 511, 512, 698, 699]) {
          assert.equal(hex(await chain.leaf(at, never)), hex(flat[at] as Uint8Array));
        }
        await sameLeaves(chain, flat, 0, 700);
        await sameLeaves(chain, flat, 100, 613);
      }),
      { numRuns: thinned(25) },
    );
  });

  async function buildSealed(
    virtualSize: number,
    cells: readonly (readonly [number, Uint8Array])[],
    seal: boolean,
    before: Tree | null,
  ): Promise<Tree> {
    const part = new Part();
    const parent = before === null ? null : await open(before, virtualSize);
    const writer = HashTreeWriter.begin(part, virtualSize, format, parent);
    for (const [cell, value] of cells) {
      if (seal) await writer.sealBelow(cell, never);
      writer.set(cell, value);
    }
    const { root } = await writer.finish(never);
    return { root, files: [part.storage.contents(), ...(before?.files ?? [])] };
  }

  async function sameLeaves(
    chain: ChainHashes,
    flat: readonly Uint8Array[],
    start: number,
    end: number,
  ): Promise<void> {
    let at = start;
    let afterZeros = false;
    for await (const run of chain.leaves(start, end, never)) {
      assert.equal(run.start, at, 'runs are gapless');
      assert.ok(run.end > run.start && run.end <= end);
      for (let cell = run.start; cell < run.end; cell++) {
        const expected = hex(flat[cell] as Uint8Array);
        const length = cell === flat.length - 1 ? 512 : unit;
        const found =
          run.digests === null
            ? zeroDigest(length)
            : run.digests.subarray((cell - run.start) * 32, (cell - run.start + 1) * 32);
        assert.equal(hex(found), expected);
      }
      assert.ok(!(afterZeros && run.digests === null), 'neighbouring zero runs are one');
      afterZeros = run.digests === null;
      at = run.end;
    }
    assert.equal(at, end);
  }

  test(`an increment stores the pages on the way from its changed cells to the root, no more (version ${format.version})`, async () => {
    const bytes = size(256 * 256 * 2);
    const all = Array.from({ length: 600 }, (_, i) => [i, digest(`full ${i}`)] as const);
    const full = await build(bytes, all, null);
    const incr = await build(bytes, [[3, digest('new')]], full);
    // Header, trailer, and for each level a page and an entry of the index. Units: 131072.
    const pages = { 1: 8192 + 8192 + 2 * 32 + 3 * 16, 2: 512 + 8192 + 32 * 32 + 3 * 24 };
    assert.equal(incr.files[0]?.length, 64 + 128 + pages[format.version]);
    const same = await build(
      bytes,
      [
        [3, digest('new')],
        [500, digest('full 500')],
      ],
      incr,
    );
    assert.equal(same.files[0]?.length, 64 + 128, 'what was written again as it was is no change');
    assert.equal(same.root, incr.root);
  });

  test(`cells that became zero again give the root of a disk on which they never were written (version ${format.version})`, async () => {
    const bytes = size(1000);
    const plain = await build(bytes, [[900, digest('stays')]], null);
    const full = await build(
      bytes,
      [
        [900, digest('stays')],
        [3, digest('goes')],
      ],
      null,
    );
    const writer = HashTreeWriter.begin(null, bytes, format, await open(full, bytes));
    writer.setZero(3);
    assert.equal((await writer.finish(never)).root, plain.root);
    const incr = await build(bytes, [[3, zeroDigest(unit)]], full);
    assert.equal(incr.root, plain.root);
    // The page that became zero costs its entry in the index; only the top page is stored.
    const top = { 1: 4 * 32 + 2 * 16, 2: 63 * 32 + 2 * 24 };
    assert.equal(incr.files[0]?.length, 64 + 128 + top[format.version]);
    const chain = await open(incr, bytes);
    assert.equal(hex(await chain.leaf(3, never)), hex(zeroDigest(unit)));
    assert.equal(hex(await chain.leaf(900, never)), hex(digest('stays')));
  });

  test(`an empty disk of 64 TiB costs nothing, and is one run of zeros (version ${format.version})`, async () => {
    const bytes = 64 * 1024 ** 4;
    const tree = await build(bytes, [], null);
    assert.equal(tree.files[0]?.length, 64 + 128);
    const chain = await open(tree, bytes);
    const runs = [];
    for await (const run of chain.leaves(0, bytes / unit, never)) runs.push(run);
    assert.deepEqual(runs, [{ start: 0, end: bytes / unit, digests: null }]);
    const far = await build(bytes, [[bytes / unit - 1, digest('end')]], tree);
    const found = await (await open(far, bytes)).leaf(bytes / unit - 1, never);
    assert.equal(hex(found), hex(digest('end')));
  });

  test(`sealed cells are refused, and so are cells outside the disk (version ${format.version})`, async () => {
    const writer = HashTreeWriter.begin(null, size(600), format, null);
    writer.set(10, digest('a'));
    await writer.sealBelow(300, never);
    assert.throws(() => writer.set(10, digest('b')), { code: 'hashes.usage' });
    assert.throws(() => writer.set(600, digest('b')), { code: 'hashes.usage' });
    assert.throws(() => writer.set(400, new Uint8Array(31)), { code: 'hashes.usage' });
    writer.set(300, digest('c'));
    await writer.abandon();
  });

  test(`a file that cannot be written fails the tree, and abandoning leaves no file (version ${format.version})`, async () => {
    const part = new Part();
    part.write = () => Promise.reject(new Error('no space'));
    const writer = HashTreeWriter.begin(part, size(2), format, null);
    writer.set(0, digest('a'));
    await assert.rejects(writer.finish(never), /no space/);
    await writer.abandon();
    assert.deepEqual([part.completed, part.abandoned], [false, true]);
  });

  test(`every flipped byte of every file is found before a digest is believed (version ${format.version})`, async () => {
    const bytes = size(600);
    const full = await build(
      bytes,
      [
        [3, digest('a')],
        [300, digest('b')],
      ],
      null,
    );
    const chain = await build(bytes, [[3, digest('c')]], full);
    const readAll = async (tree: Tree): Promise<void> => {
      const opened = await open(tree, bytes);
      for await (const run of opened.leaves(0, 600, never)) assert.ok(run.end > run.start);
    };
    await readAll(chain);
    let found = 0;
    for (const [f, file] of chain.files.entries()) {
      // Every byte of header, index and trailer, and every 37th of the pages.
      const ends = file.length - (format.version === 1 ? 176 : 200);
      const places = [...file.keys()].filter((i) => i < 64 || i >= ends || i % 37 === 0);
      for (const place of places) {
        const files = chain.files.map((bytes) => bytes.slice());
        (files[f] as Uint8Array)[place] = (file[place] as number) ^ 0x10;
        const damaged = { root: chain.root, files };
        // A page of the full that the increment replaced is never read.
        if (f === 1 && place >= 64 && place < ends) {
          await readAll(damaged).then(undefined, (error) =>
            assert.equal(error.code, 'hashes.damaged'),
          );
          continue;
        }
        await assert.rejects(readAll(damaged), { damage: true });
        found++;
      }
    }
    assert.ok(found > 300, `${found} were found`);
  });

  test(`a file depends on the changes alone, not on when pages left memory (version ${format.version})`, async () => {
    const count = 256 * format.leafFanOut * 3 + 5;
    const write = async (sealedAt: readonly number[], before: Tree | null): Promise<Tree> => {
      const parent = before === null ? null : await open(before, size(count));
      const part = new Part();
      const writer = HashTreeWriter.begin(part, size(count), format, parent);
      for (let unit = 0; unit < count; unit++) {
        if (sealedAt.includes(unit)) await writer.sealBelow(unit, never);
        if (before === null || unit % 700 === 3) writer.set(unit, digest(`${unit} ${!before}`));
      }
      const { root } = await writer.finish(never);
      return { root, files: [part.storage.contents(), ...(before?.files ?? [])] };
    };
    const seals = fc.array(fc.nat(count), { maxLength: 4 });
    const [full, incr] = [await write([], null), await write([], await write([], null))];
    await fc.assert(
      fc.asyncProperty(seals, seals, async (first, second) => {
        const again = await write(first, null);
        assert.equal(Buffer.compare(again.files[0] as Uint8Array, full.files[0] as Uint8Array), 0);
        const on = await write(second, again);
        assert.equal(Buffer.compare(on.files[0] as Uint8Array, incr.files[0] as Uint8Array), 0);
      }),
      { numRuns: 3, examples: [[[count - 300], [257 * format.leafFanOut]]] },
    );
  });

  test(`a chain with a file missing, exchanged or too many is refused (version ${format.version})`, async () => {
    const bytes = size(600);
    const full = await build(bytes, [[3, digest('a')]], null);
    const one = await build(bytes, [[3, digest('b')]], full);
    const two = await build(bytes, [[4, digest('c')]], one);
    const other = await build(bytes, [[3, digest('x')]], null);
    const [a, b, c] = two.files as [Uint8Array, Uint8Array, Uint8Array];
    for (const files of [
      [a, c],
      [a, b],
      [b, c],
      [a, b, other.files[0] as Uint8Array],
      [a, b, c, c],
    ]) {
      await assert.rejects(open({ root: two.root, files }, bytes), { code: 'hashes.damaged' });
    }
    await assert.rejects(open({ root: two.root, files: [] }, bytes), { code: 'hashes.usage' });
    await assert.rejects(open(two, bytes + unit), { code: 'hashes.damaged' });
  });

  test(`truncated and foreign files are refused at any length (version ${format.version})`, async () => {
    const bytes = size(600);
    const { root, files } = await build(bytes, [[3, digest('a')]], null);
    const file = files[0] as Uint8Array;
    for (const length of [0, 1, 63, 64, 191, 192, 193, file.length - 1]) {
      await assert.rejects(open({ root, files: [file.slice(0, length)] }, bytes), { damage: true });
    }
    await assert.rejects(open({ root, files: [new Uint8Array(4096)] }, bytes), { damage: true });
  });
}
