import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import { diskRoot } from '../../../../src/engine/backup/hashes/disk-root.ts';
import { HASHES_V1, HASHES_V2 } from '../../../../src/engine/backup/hashes/hash-format.ts';
import { openStoredImages } from '../../../../src/engine/backup/images/stored-disk.ts';
import { isDamaged } from '../../../../src/engine/backup/verify/verdict.ts';
import { verifyPoints } from '../../../../src/engine/backup/verify/verify.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { MemoryStore } from '../../../support/store/memory-store.ts';
import { NaiveVerifier } from '../../../support/store/naive-verify.ts';
import { SAMPLE_VM } from '../../../support/store/sample-manifest.ts';
import { StoredChain } from '../../../support/backup/stored-chain.ts';

const write = fc.record({
  sector: fc.nat({ max: 9000 }),
  sectors: fc.oneof(
    fc.integer({ min: 1, max: 12 }),
    fc.constantFrom(16, 128, 256),
    fc.integer({ min: 1, max: 3000 }),
  ),
  fill: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(200) }),
});

const step = fc.record({
  kind: fc.constantFrom('incr', 'incr', 'incr', 'incr', 'full'),
  blockSize: fc.constantFrom(MIB, MIB, 2 * MIB, 4 * MIB),
  copy: fc.boolean(),
  writes: fc.array(write, { maxLength: 5 }),
});

const chain = fc.record({
  // Sectors of 4096 bytes: not multiples of units, cells or blocks, as often as not.
  size: fc.oneof(fc.integer({ min: 1, max: 1100 }), fc.constantFrom(16, 17, 256, 512, 1024)),
  sector: fc.constantFrom(512, 4096),
  format: fc.constantFrom(HASHES_V1, HASHES_V2, HASHES_V2),
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
});

/** A byte of a file, in an area of it, and the bits to invert. */
const flip = fc.record({
  point: fc.nat(),
  area: fc.constantFrom(
    ...(['head', 'used head', 'hashes', 'manifest', 'changes'] as const),
    ...(['table', 'table', 'blocks', 'blocks', 'blocks', 'blocks'] as const),
  ),
  at: fc.nat({ max: 2 ** 30 }),
  bits: fc.oneof(fc.constantFrom(1, 2, 4, 8, 16, 32, 64, 128), fc.integer({ min: 1, max: 255 })),
});
type Flip = typeof flip extends fc.Arbitrary<infer T> ? T : never;

const HEAD = 3 * MIB;

/** Where a flip lies: a file and an offset in it. */
function placeOf(made: StoredChain, naive: NaiveVerifier, { point, area, at }: Flip) {
  const number = point % made.points.length;
  const file = area === 'hashes' || area === 'manifest' || area === 'changes' ? area : 'image';
  const path = made.path(number, file);
  const good = naive.good(path);
  const within = (start: number, end: number): number => start + (at % (end - start));
  const offsets: Record<Flip['area'], () => number> = {
    head: () => within(0, HEAD),
    'used head': () => usedByte(good.subarray(0, HEAD), at),
    // The first entries, and what lies behind the last one.
    table: () => within(HEAD, HEAD + 96),
    blocks: () => (good.length > HEAD + MIB ? within(HEAD + MIB, good.length) : HEAD),
    hashes: () => within(0, good.length),
    manifest: () => within(0, good.length),
    changes: () => within(0, good.length),
  };
  return { path, offset: offsets[area]() };
}

function usedByte(head: Uint8Array, at: number): number {
  const used = [...head.keys()].filter((i) => head[i] !== 0);
  return used[at % used.length] as number;
}

/** The root of a point's disk, read as a restore reads it. */
async function rootOf(made: StoredChain, point: number): Promise<string> {
  const disk = await openStoredImages(made.store, made.links(point), never);
  const root = await diskRoot(disk, made.shape.format, noProgress, never);
  await disk.close();
  return root;
}

const sorted = (points: Iterable<number>): number[] => [...points].sort((a, b) => a - b);

test('verify names the points that whole reading finds damaged, and no other', async () => {
  const tally = { lost: 0, own: 0, silent: 0, hidden: 0 };
  await fc.assert(
    fc.asyncProperty(
      chain,
      fc.array(fc.array(flip, { minLength: 1, maxLength: 3 }), { minLength: 6, maxLength: 6 }),
      fc.nat(),
      async ({ size, sector, format, steps }, damages, single) => {
        const store = new MemoryStore();
        const made = new StoredChain(store, { size: size * 4096, sector, format });
        for (const each of steps) await made.add(each);
        const naive = new NaiveVerifier(made, store);
        const verify = (point: number | undefined): ReturnType<typeof verifyPoints> => {
          const id = point === undefined ? undefined : made.points[point]?.manifest.id;
          return verifyPoints(store, SAMPLE_VM, { point: id, quick: false }, noProgress, never);
        };
        assert.ok(
          (await verify(undefined)).every(({ ok, findings }) => ok && findings.length === 0),
        );
        for (const [i, flips] of damages.entries()) {
          // Mostly one place.
          const used = i < 4 ? flips.slice(0, 1) : flips;
          const places = used.map((each) => ({ ...placeOf(made, naive, each), bits: each.bits }));
          const set = (): void => {
            for (const { path, offset, bits } of places) {
              const bytes = store.files.get(path) as Uint8Array;
              bytes[offset] = (bytes[offset] as number) ^ bits;
            }
          };
          set();
          const { lost, own, tables } = await naive.verdict();
          const verdicts = await verify(undefined);
          const named = new Set(
            verdicts.flatMap((verdict, point) => (isDamaged(verdict) ? [point] : [])),
          );
          const what = JSON.stringify({ places, verdicts });
          for (const point of tables) if (named.has(point)) own.add(point);
          assert.deepEqual(sorted(named), sorted(new Set([...lost, ...own])), what);
          const one = single % made.points.length;
          const [alone] = await verify(one);
          assert.equal(alone !== undefined && isDamaged(alone), named.has(one), what);
          // A restore reads what the map of the chain says, not block by block.
          const recorded = made.points[one]?.manifest.disks[0]?.hashRoot;
          if (!lost.has(one)) assert.equal(await rootOf(made, one), recorded, what);
          set();
          if (lost.size > 0) tally.lost++;
          else if (own.size > 0) tally.own++;
          else tally.silent++;
          if (lost.size > 0 && lost.size < made.points.length) tally.hidden++;
        }
      },
    ),
    { numRuns: thinned(10) },
  );
  for (const count of Object.values(tally)) assert.ok(count > 0, JSON.stringify(tally));
});
