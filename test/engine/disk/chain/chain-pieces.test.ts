import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Range } from '../../../../src/engine/base/range.ts';
import { ChainDisk } from '../../../../src/engine/disk/chain/chain.ts';
import {
  chainPieces,
  leniently,
  strictly,
} from '../../../../src/engine/disk/chain/chain-pieces.ts';
import { createVhdx } from '../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { GIB } from '../../../support/disk/sizes.ts';
import { VhdxEditor } from '../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { VhdxImage } from '../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import type { ByteSource } from '../../../../src/engine/source/byte-source.ts';
import { PageStorage } from '../../../support/files/page-storage.ts';
import { soundImage } from '../../../support/disk/vhdx-victim.ts';

/** What a part of the disk holds, by the model: bytes of one number. */
interface Part extends Range {
  readonly fill: number;
}

/** Windows end at 4, 12 and 28 GiB, blocks and the sector bitmaps of 512-byte sectors at multiples of these. */
const EDGES = [0, 4 * GIB, 8 * GIB, 12 * GIB, 28 * GIB, 32 * GIB];

const write = fc.record({
  edge: fc.constantFrom(...EDGES),
  /** Sectors before or behind the edge. */
  from: fc.integer({ min: -5000, max: 5000 }),
  sectors: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(2048, 9000)),
  fill: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 255 })),
});

const layers = fc.array(
  fc.record({
    blockSize: fc.constantFrom(MIB, 2 * MIB, 32 * MIB),
    /** Sectors more or less than an edge, behind which there is nothing. */
    size: fc.tuple(
      fc.constantFrom(8 * GIB, 12 * GIB, 28 * GIB, 32 * GIB),
      fc.integer({ min: -9, max: 9 }),
    ),
    writes: fc.array(write, { maxLength: 8 }),
  }),
  { minLength: 1, maxLength: 5 },
);

function put(parts: readonly Part[], { start, end, fill }: Part): Part[] {
  const kept = parts.flatMap((part) => [
    { ...part, end: Math.min(part.end, start) },
    { ...part, start: Math.max(part.start, end) },
  ]);
  return [...kept.filter((part) => part.start < part.end), { start, end, fill }];
}

async function build(list: typeof layers extends fc.Arbitrary<infer T> ? T : never) {
  const images: VhdxImage[] = [];
  let parts: Part[] = [];
  for (const {
    blockSize,
    size: [edge, more],
    writes,
  } of list) {
    const size = edge + more * 512;
    const storage = new PageStorage(undefined, `layer ${images.length}`);
    const [below] = images;
    const parent =
      below === undefined
        ? {}
        : { parent: { linkage: below.header.dataWriteGuid, relativePath: '.\\p.vhdx' } };
    await createVhdx(storage, { size, blockSize, ...parent }, never);
    // A part that a smaller layer cuts off never comes back.
    parts = put(parts, { start: size, end: 2 ** 45, fill: 0 });
    const editor = await VhdxEditor.open(storage, never);
    for (const { edge: at, from, sectors, fill } of writes) {
      const start = Math.min(Math.max(at + from * 512, 0), size - 512);
      const end = Math.min(start + sectors * 512, size);
      parts = put(parts, { start, end, fill });
      if (fill === 0) await editor.zero(start, end - start, never);
      else await editor.write(start, new Uint8Array(end - start).fill(fill), never);
    }
    await editor.close();
    images.unshift(
      await VhdxImage.open(images.length % 2 === 0 ? storage : atOnce(storage), never),
    );
  }
  return { images, parts: parts.filter(({ fill }) => fill !== 0) };
}

/** A file that answers most small reads at once. */
function atOnce(storage: PageStorage): ByteSource {
  let calls = 0;
  return {
    name: storage.name,
    size: storage.size,
    read: storage.read.bind(storage),
    readNow: (offset, into) => {
      if (calls++ % 5 === 3) return false;
      storage.image.read(offset, into);
      return true;
    },
    close: () => storage.close(),
  };
}

/** The bytes that the model has in a range. */
function modelOf(parts: readonly Part[], { start, end }: Range): Uint8Array {
  const bytes = new Uint8Array(end - start);
  for (const part of parts) {
    if (part.start >= end || part.end <= start) continue;
    bytes.fill(part.fill, Math.max(part.start - start, 0), Math.min(part.end, end) - start);
  }
  return bytes;
}

test('pieces of chains over several windows cover any range, and each is what the model holds', async () => {
  const within = fc.tuple(fc.nat(35 * GIB), fc.oneof(fc.nat(9 * MIB), fc.nat(35 * GIB)));
  await fc.assert(
    fc.asyncProperty(layers, fc.array(within, { maxLength: 3 }), async (list, ranges) => {
      const { images, parts } = await build(list);
      const size = images[0]?.size ?? 0;
      assert.equal(new ChainDisk(images).size, size);
      for (const [from, length] of [[0, size] as const, ...ranges]) {
        const start = Math.floor(Math.min(from, size) / 512) * 512;
        const end = Math.min(start + Math.ceil(length / 512) * 512, size);
        for (const read of [strictly, leniently]) {
          let at = start;
          let left = parts.filter((part) => part.start < end && part.end > start);
          for await (const piece of chainPieces(images, { start, end }, { read }, never)) {
            assert.equal(piece.start, at, 'no gap, no overlap');
            assert.ok(piece.end > piece.start);
            at = piece.end;
            if (piece.kind === 'data') {
              const bytes = new Uint8Array(piece.end - piece.start);
              await images[piece.depth]?.readFile(piece.offset, bytes, never);
              assert.deepEqual(Buffer.compare(bytes, modelOf(parts, piece)), 0);
              left = left.flatMap((part) => put([part], { ...piece, fill: -1 }));
              left = left.filter(({ fill }) => fill > 0);
            }
          }
          assert.equal(at, Math.max(start, end));
          const outside = left.map((part) => ({
            start: Math.max(part.start, start),
            end: Math.min(part.end, end),
          }));
          assert.deepEqual(
            outside.filter((part) => part.start < part.end),
            [],
            'what the model holds is data',
          );
        }
      }
    }),
    { numRuns: thinned(15) },
  );
});

const FRAGMENTED = 64 * GIB;
/** Stored by the child of the fragmented image. */
const STORED = [
  { start: MIB + 1536, end: MIB + 9216 },
  { start: 40 * MIB, end: 41 * MIB },
  { start: 90 * MIB + 512, end: 90 * MIB + 1024 },
];

/** An image of which every second sector is stored, on a parent without data, with a child that stores little. */
async function fragments(): Promise<readonly VhdxImage[]> {
  const victim = await soundImage('differencing');
  const [blocks, ratio, bitmap] = [FRAGMENTED / 2 / MIB, 2048, 4 * MIB];
  victim.put(victim.item(0), 2 * MIB, 4).put(victim.item(1), FRAGMENTED, 8);
  victim.image.resize(16 * MIB);
  victim.image.write(bitmap, new Uint8Array(MIB).fill(0x55));
  for (let i = 0; i < blocks + blocks / ratio; i++) {
    const isBitmap = i % (ratio + 1) === ratio;
    victim.entry(i, isBitmap ? bitmap : 8 * MIB, isBitmap ? 6 : 7);
  }
  const base = new PageStorage();
  await createVhdx(base, { size: FRAGMENTED, blockSize: 2 * MIB }, never);
  const middle = await VhdxImage.open(new PageStorage(victim.image), never);
  const top = new PageStorage();
  const parent = { linkage: middle.header.dataWriteGuid, relativePath: '.\\p.vhdx' };
  await createVhdx(top, { size: FRAGMENTED, blockSize: MIB, parent }, never);
  const editor = await VhdxEditor.open(top, never);
  for (const { start, end } of STORED)
    await editor.write(start, new Uint8Array(end - start), never);
  await editor.close();
  return [await VhdxImage.open(top, never), middle, await VhdxImage.open(base, never)];
}

for (const [how, inner] of [
  ['strictly', strictly],
  ['leniently', leniently],
] as const) {
  test(`a disk of nothing but fragments is resolved in parts that fit into memory, ${how}`, async () => {
    const images = await fragments();
    let held = 0;
    const read: typeof strictly = async function* (layer, ranges, signal) {
      for await (const batch of inner(layer, ranges, signal)) {
        held += batch.length;
        yield batch;
      }
    };
    let at = 0;
    let stored = 0;
    const whole = { start: 0, end: FRAGMENTED };
    for await (const piece of chainPieces(images, whole, { read }, never)) {
      held--;
      // Every layer's answers are counted.
      assert.ok(held <= 400_000, `${held} pieces are held at ${at}`);
      assert.equal(piece.start, at);
      at = piece.end;
      const own = STORED.find(({ start, end }) => start < piece.end && piece.start < end);
      if (own !== undefined) {
        assert.deepEqual([piece.kind, 'depth' in piece && piece.depth], ['data', 0]);
        assert.ok(own.start <= piece.start && piece.end <= own.end);
        stored += piece.end - piece.start;
      } else {
        assert.equal(piece.end - piece.start, 512);
        assert.equal(piece.kind, (piece.start / 512) % 2 === 0 ? 'data' : 'hole');
      }
      if (at >= 120 * MIB) break;
    }
    assert.equal(
      stored,
      STORED.reduce((sum, { start, end }) => sum + end - start, 0),
    );
  });
}
