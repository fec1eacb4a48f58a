import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { newGuid } from '../../../../src/engine/base/guid.ts';
import { ChainDisk } from '../../../../src/engine/disk/chain/chain.ts';
import { compareDisks } from '../../../../src/engine/disk/tools/disk-compare.ts';
import { hashDisk } from '../../../../src/engine/disk/tools/disk-hash.ts';
import { RawImage } from '../../../../src/engine/disk/raw/raw-image.ts';
import type { Extent } from '../../../../src/engine/disk/virtual/virtual-disk.ts';
import { createVhdx } from '../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { VhdxEditor } from '../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { VhdxImage } from '../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { MemoryStorage } from '../../../support/files/memory-source.ts';
import { collect } from '../../../support/checks/collect.ts';
import { PageStorage } from '../../../support/files/page-storage.ts';
import { soundImage, Victim, WatchedSource } from '../../../support/disk/vhdx-victim.ts';

interface Write {
  /** Within the disk, as a part of its size. */
  readonly at: number;
  readonly sectors: number;
  /** 0 makes zeros of it, as a trim does. */
  readonly fill: number;
}

interface Layer {
  readonly blockSize: number;
  /** Sectors of 4096 bytes. */
  readonly size: number;
  readonly writes: readonly Write[];
}

const write = fc.record({
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  sectors: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 300, max: 900 })),
  fill: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 255 })),
});
const layers = fc.array(
  fc.record({
    blockSize: fc.constantFrom(MIB, 2 * MIB, 4 * MIB),
    size: fc.integer({ min: 300, max: 1300 }),
    writes: fc.array(write, { maxLength: 6 }),
  }),
  { minLength: 1, maxLength: 6 },
);

/** The chain, child first, and the bytes that it must read as. */
async function build(
  list: readonly Layer[],
  sector: 512 | 4096,
): Promise<{ images: VhdxImage[]; model: Uint8Array }> {
  const storages: PageStorage[] = [];
  let model = new Uint8Array(0);
  for (const { blockSize, size, writes } of list) {
    const below = storages.at(-1);
    const storage = new PageStorage(undefined, `layer ${storages.length}`);
    const linkage =
      below === undefined ? undefined : (await VhdxImage.open(below, never)).header.dataWriteGuid;
    const parent = linkage === undefined ? {} : { parent: { linkage, relativePath: '.\\p.vhdx' } };
    const disk = { size: size * 4096, blockSize, logicalSectorSize: sector, ...parent };
    await createVhdx(storage, disk, never);
    const cut = new Uint8Array(disk.size);
    cut.set(model.subarray(0, disk.size));
    model = cut;
    const editor = await VhdxEditor.open(storage, never);
    for (const { at, sectors, fill } of writes) {
      const start = Math.floor((at * disk.size) / sector) * sector;
      const length = Math.min(sectors * sector, disk.size - start);
      model.fill(fill, start, start + length);
      if (fill === 0) await editor.zero(start, length, never);
      else await editor.write(start, new Uint8Array(length).fill(fill), never);
    }
    await editor.close();
    storages.push(storage);
  }
  const images: VhdxImage[] = [];
  for (const storage of storages.reverse()) images.push(await VhdxImage.open(storage, never));
  return { images, model };
}

/** Extents in order without gaps, merged as far as they go, and true to the model. */
async function checkExtents(disk: ChainDisk, model: Uint8Array, start: number, end: number) {
  const extents = await collect(disk.extents({ start, end }, never));
  let at = start;
  let before: Extent | undefined;
  for (const extent of extents) {
    assert.equal(extent.start, at);
    assert.ok(extent.length > 0);
    at += extent.length;
    const wanted = model.subarray(extent.start, at);
    if (extent.kind === 'data') {
      const bytes = new Uint8Array(extent.length);
      const layer = disk.layers[extent.depth];
      await layer?.readData(extent.start, extent.offset ?? -1, bytes, never);
      assert.ok(Buffer.from(bytes).equals(wanted), `${extent.start} at depth ${extent.depth}`);
    } else {
      assert.ok(
        wanted.every((byte) => byte === 0),
        `${extent.start} is called ${extent.kind}`,
      );
    }
    const same = before?.kind === extent.kind && before.depth === extent.depth;
    const goesOn = same && (before?.offset ?? 0) + (before?.length ?? 0) === extent.offset;
    assert.ok(!(same && (extent.kind !== 'data' || goesOn)), `${extent.start} could be merged`);
    before = extent;
  }
  assert.equal(at, Math.max(start, end));
}

for (const sector of [512, 4096] as const) {
  test(`chains with sectors of ${sector}, of disks of any sizes, read, map, hash and compare as a flat model`, async () => {
    const parts = fc.array(fc.tuple(fc.nat(), fc.nat(3 * MIB)), { minLength: 6, maxLength: 6 });
    const depths = new Set<number>();
    await fc.assert(
      fc.asyncProperty(layers, parts, fc.nat(), async (list, places, anywhere) => {
        const { images, model } = await build(list, sector);
        const disk = new ChainDisk(images);
        depths.add(images.length);
        assert.deepEqual([disk.size, disk.logicalSectorSize], [model.length, sector]);
        for (const [a, b] of places) {
          const start = a % model.length;
          const end = Math.min(start + b, model.length);
          const into = new Uint8Array(end - start).fill(0xee);
          await disk.read(start, into, never);
          assert.ok(Buffer.from(into).equals(model.subarray(start, end)), `${start} to ${end}`);
          await checkExtents(disk, model, start, end);
        }
        await checkExtents(disk, model, 0, model.length);
        const { hash } = await hashDisk(disk, noProgress, never);
        assert.equal(hash, createHash('sha256').update(model).digest('hex'));
        const raw = (): ChainDisk => new ChainDisk([new RawImage(new MemoryStorage(model))]);
        const compare = () => compareDisks(disk, raw(), { strict: true }, noProgress, never);
        assert.deepEqual(await compare(), { equal: true, firstDifference: null });
        const place = anywhere % model.length;
        model[place] = (model[place] as number) ^ 1;
        assert.deepEqual(await compare(), { equal: false, firstDifference: place });
      }),
      { numRuns: thinned(25) },
    );
    assert.ok(depths.size >= 4, `only chains of ${[...depths].join(', ')}`);
  });
}

test('behind the end of a smaller parent there are zeros, even where its own parent goes on', async () => {
  const full = { at: 0, sectors: 1024, fill: 9 };
  const { images, model } = await build(
    [
      { blockSize: MIB, size: 1024, writes: [full] },
      { blockSize: MIB, size: 300, writes: [] },
      { blockSize: MIB, size: 1024, writes: [] },
    ],
    4096,
  );
  const disk = new ChainDisk(images);
  const into = new Uint8Array(disk.size);
  await disk.read(0, into, never);
  assert.deepEqual(into, model);
  assert.equal(into.indexOf(0), 300 * 4096);
  assert.deepEqual(await collect(disk.extents({ start: MIB, end: disk.size }, never)), [
    { start: MIB, length: 300 * 4096 - MIB, kind: 'data', depth: 2, offset: 5 * MIB },
    { start: 300 * 4096, length: 724 * 4096, kind: 'hole', depth: 2 },
  ]);
});

test('disks of different sizes are equal if the longer tail is zero, unless that is not wanted', async () => {
  const image = async (size: number, ...writes: Write[]): Promise<ChainDisk> =>
    new ChainDisk((await build([{ blockSize: MIB, size, writes }], 512)).images);
  const short = await image(300, { at: 0, sectors: 100, fill: 1 });
  const long = await image(900, { at: 0, sectors: 100, fill: 1 });
  const other = await image(
    900,
    { at: 0, sectors: 100, fill: 1 },
    { at: 0.5, sectors: 1, fill: 2 },
  );
  const compare = (a: ChainDisk, b: ChainDisk, strict: boolean): Promise<unknown> =>
    compareDisks(a, b, { strict }, noProgress, never);
  const equal = { equal: true, firstDifference: null };
  for (const [a, b] of [
    [short, long],
    [long, short],
  ] as const) {
    assert.deepEqual(await compare(a, b, false), equal);
    assert.deepEqual(await compare(a, b, true), { equal: false, firstDifference: 300 * 4096 });
  }
  assert.deepEqual(await compare(short, other, false), {
    equal: false,
    firstDifference: 450 * 4096,
  });
});

test('comparing and hashing count every byte of progress once', async () => {
  const { images } = await build([{ blockSize: MIB, size: 700, writes: [] }], 512);
  const empty = new ChainDisk(images);
  const raw = new ChainDisk([new RawImage(new MemoryStorage(new Uint8Array(2 * MIB)))]);
  let total = 0;
  let done = 0;
  const progress = {
    ...noProgress,
    phase: (_: string, size: number) => void (total = size),
    advance: (bytes: number) => void (done += bytes),
  };
  await compareDisks(raw, empty, { strict: false }, progress, never);
  assert.deepEqual([total, done], [700 * 4096, 700 * 4096]);
  done = 0;
  await hashDisk(empty, progress, never);
  assert.equal(done, 700 * 4096);
});

test('a raw image is all data, and a last sector that is not whole ends in zeros', async () => {
  const disk = new ChainDisk([new RawImage(new MemoryStorage(new Uint8Array(1000).fill(7)))]);
  assert.equal(disk.size, 1024);
  const into = new Uint8Array(100).fill(0xee);
  await disk.read(924, into, never);
  assert.deepEqual([...into.subarray(74, 78)], [7, 7, 0, 0]);
  await disk.read(1010, into.subarray(0, 14).fill(0xee), never);
  assert.ok(into.subarray(0, 14).every((byte) => byte === 0));
  assert.deepEqual(await collect(disk.extents({ start: 10, end: 5000 }, never)), [
    { start: 10, length: 1014, kind: 'data', depth: 0, offset: 10 },
  ]);
  assert.deepEqual(await collect(disk.extents({ start: 1024, end: 5000 }, never)), []);
});

test('no disk gives bytes from outside itself', async () => {
  const { images } = await build([{ blockSize: MIB, size: 300, writes: [] }], 512);
  const raw = new RawImage(new MemoryStorage(new Uint8Array(300 * 4096)));
  const disks = [new ChainDisk(images), new ChainDisk([raw])];
  for (const disk of disks) {
    for (const offset of [-1, -512, 300 * 4096, 300 * 4096 - 1, 0.5, Number.NaN, 2 ** 60]) {
      const failed = disk.read(offset, new Uint8Array(2), never);
      await assert.rejects(failed, { code: 'disk.range', permanent: true }, `${offset}`);
    }
  }
});

test('chains whose links do not hold are refused', async () => {
  const one = { blockSize: MIB, size: 300, writes: [] };
  const { images } = await build([one, one, one], 512);
  const [top, middle, base] = images;
  assert.ok(top !== undefined && middle !== undefined && base !== undefined);
  const foreign = (await build([one], 512)).images;
  const refuse = (list: VhdxImage[], code: string): void =>
    assert.throws(() => new ChainDisk(list), { code });
  refuse([], 'disk.chain.depth');
  refuse([top], 'disk.parent.missing');
  refuse([top, middle], 'disk.parent.missing');
  refuse([base, ...foreign], 'disk.parent.missing');
  refuse([top, base], 'disk.parent.mismatch');
  refuse([top, middle, ...foreign], 'disk.parent.mismatch');
  refuse(
    Array.from({ length: 257 }, () => top),
    'disk.chain.depth',
  );
});

test('a parent of other sectors is refused, a second linkage is accepted', async () => {
  const base = new MemoryStorage();
  const made = await createVhdx(base, { size: 8 * MIB, logicalSectorSize: 4096 }, never);
  const child = async (sector: 512 | 4096, second: boolean): Promise<VhdxImage> => {
    const storage = new MemoryStorage();
    const parent = second
      ? { linkage: newGuid(), linkage2: made.dataWriteGuid, relativePath: '.\\p.vhdx' }
      : { linkage: made.dataWriteGuid, relativePath: '.\\p.vhdx' };
    await createVhdx(storage, { size: 8 * MIB, logicalSectorSize: sector, parent }, never);
    return VhdxImage.open(storage, never);
  };
  const parent = await VhdxImage.open(base, never);
  const wrong = await child(512, false);
  assert.throws(() => new ChainDisk([wrong, parent]), { code: 'disk.chain.sectors' });
  const disk = new ChainDisk([await child(4096, true), parent]);
  assert.equal(disk.layers.length, 2);
});

test('a disk of nothing but fragments is mapped piece by piece', async () => {
  const victim: Victim = await soundImage('differencing');
  // 64 GiB in blocks of 2 MiB, all of them partial and alike: every second sector is there.
  const [blocks, ratio] = [32_768, 2048];
  const bitmap = 4 * MIB;
  victim.put(victim.item(0), 2 * MIB, 4).put(victim.item(1), blocks * 2 * MIB, 8);
  victim.image.resize(16 * MIB);
  victim.image.write(bitmap, new Uint8Array(MIB).fill(0x55));
  for (let i = 0; i < blocks + blocks / ratio; i++) {
    const isBitmap = i % (ratio + 1) === ratio;
    victim.entry(i, isBitmap ? bitmap : 8 * MIB, isBitmap ? 6 : 7);
  }
  const source = new WatchedSource(victim);
  const image = await VhdxImage.open(source, never);
  let count = 0;
  for await (const batch of image.layerExtents({ start: 0, end: image.size }, never)) {
    assert.ok(batch.length < 20_000, `${batch.length} extents at once`);
    count += batch.length;
    if (count > 100_000) break;
  }
  assert.ok(source.reads < 200 && source.bytes < 4 * MIB, `${source.reads} reads`);
});

test('a fragmented child does not read the BAT of its parent again for each fragment', async () => {
  const base = new PageStorage();
  const { dataWriteGuid } = await createVhdx(base, { size: 64 * MIB, blockSize: MIB }, never);
  const top = new PageStorage();
  const parent = { linkage: dataWriteGuid, relativePath: '.\\base.vhdx' };
  await createVhdx(top, { size: 64 * MIB, blockSize: MIB, parent }, never);
  const editor = await VhdxEditor.open(top, never);
  for (let at = 0; at < 8 * MIB; at += 65_536) await editor.write(at, new Uint8Array(512), never);
  await editor.close();
  const below = new WatchedSource(new Victim(base.image));
  const images = [await VhdxImage.open(top, never), await VhdxImage.open(below, never)];
  const before = below.reads;
  const extents = await collect(new ChainDisk(images).extents({ start: 0, end: 64 * MIB }, never));
  assert.equal(extents.length, 256);
  assert.ok(below.reads - before <= 2, `${below.reads - before} reads of the parent`);
});
