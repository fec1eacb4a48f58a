import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import fc, { thinned } from '../support/checks/properties.ts';
import { never } from '../../src/engine/base/abort.ts';
import type { Range } from '../../src/engine/base/range.ts';
import type { Extent, VirtualDisk } from '../../src/engine/disk/virtual/virtual-disk.ts';

const MIB = 2 ** 20;
/** Several blocks, and not a multiple of the largest. */
export const SUITE_SIZE = 5 * MIB;
const SECTOR = 512;

/** A write into the disk that an implementation makes, in the order of writing. */
export interface SuiteWrite {
  readonly start: number;
  readonly bytes: Uint8Array;
}

const filled = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => ((i * 7 + seed) % 251) + 1);

/** What the disk holds: a whole block, a part of one, both ends, and the same place twice. */
export const SUITE_WRITES: readonly SuiteWrite[] = [
  { start: 0, bytes: filled(SECTOR, 1) },
  { start: MIB, bytes: filled(MIB, 2) },
  { start: 2 * MIB + 64 * SECTOR, bytes: filled(3 * SECTOR, 3) },
  { start: MIB + 100 * SECTOR, bytes: filled(8 * SECTOR, 4) },
  { start: SUITE_SIZE - SECTOR, bytes: filled(SECTOR, 5) },
];

const contents = new Uint8Array(SUITE_SIZE);
for (const { start, bytes } of SUITE_WRITES) contents.set(bytes, start);

type Open = (t: TestContext) => Promise<VirtualDisk>;

/** What every virtual disk must hold; `open` gives one of SUITE_SIZE with just SUITE_WRITES in it. */
export function virtualDiskSuite(name: string, open: Open): void {
  describe(`${name} as a virtual disk`, () => {
    reading(open);
    extents(open);
    refusing(open);
  });
}

const range = fc
  .tuple(fc.nat(SUITE_SIZE / SECTOR), fc.nat(SUITE_SIZE / SECTOR))
  .map(([a, b]): Range => ({ start: Math.min(a, b) * SECTOR, end: Math.max(a, b) * SECTOR }));

function reading(open: Open): void {
  test('it has a name, the size and a sector size', async (t) => {
    const disk = await open(t);
    assert.ok(disk.name.length > 0);
    assert.equal(disk.size, SUITE_SIZE);
    assert.ok([512, 4096].includes(disk.logicalSectorSize));
    await disk.close();
  });

  test('any part reads as it was written, also many at once; what was never written is zeros', async (t) => {
    const disk = await open(t);
    await fc.assert(
      fc.asyncProperty(fc.array(range, { minLength: 1, maxLength: 4 }), async (parts) => {
        const read = async ({ start, end }: Range): Promise<void> => {
          const into = new Uint8Array(end - start).fill(0xee);
          await disk.read(start, into, never);
          assert.equal(Buffer.compare(into, contents.subarray(start, end)), 0, `${start}-${end}`);
        };
        await Promise.all(parts.map(read));
      }),
      { numRuns: thinned(15) },
    );
    await disk.close();
  });
}

function extents(open: Open): void {
  test('extents cover any part exactly, in order, and what is no data reads as zeros', async (t) => {
    const disk = await open(t);
    await fc.assert(
      fc.asyncProperty(range, async (within) => {
        let at = within.start;
        let before: Extent | undefined;
        for await (const extent of disk.extents(within, never)) {
          assert.equal(extent.start, at);
          assert.ok(extent.length > 0);
          assert.equal(extent.kind === 'data', extent.offset !== undefined);
          assert.ok(before === undefined || !joins(before, extent), 'equal neighbours are merged');
          if (extent.kind !== 'data') assertZeros(extent);
          at += extent.length;
          before = extent;
        }
        assert.equal(at, within.end);
      }),
      { numRuns: thinned(25) },
    );
    await disk.close();
  });
}

/** Whether two neighbours say the same. */
function joins(a: Extent, b: Extent): boolean {
  if (a.kind !== b.kind || a.depth !== b.depth) return false;
  return a.kind !== 'data' || (a.offset ?? 0) + a.length === b.offset;
}

function assertZeros({ start, length }: Extent): void {
  const part = contents.subarray(start, start + length);
  assert.ok(
    part.every((byte) => byte === 0),
    `${start}: bytes that were written are not data`,
  );
}

function refusing(open: Open): void {
  test('a read past the end is refused as a whole', async (t) => {
    const disk = await open(t);
    const into = new Uint8Array(2 * SECTOR).fill(0xee);
    for (const offset of [SUITE_SIZE - SECTOR, SUITE_SIZE, 2 ** 50]) {
      await assert.rejects(disk.read(offset, into, never), { code: 'disk.range' });
    }
    await disk.read(SUITE_SIZE, new Uint8Array(0), never);
    await disk.close();
  });

  test('what is cancelled ends, and the disk reads on', async (t) => {
    const disk = await open(t);
    const gone = AbortSignal.abort(new Error('cancelled'));
    await assert.rejects(disk.read(0, new Uint8Array(MIB), gone));
    await assert.rejects(async () => {
      for await (const _ of disk.extents({ start: 0, end: SUITE_SIZE }, gone));
    });
    const into = new Uint8Array(SECTOR);
    await disk.read(0, into, never);
    assert.deepEqual(into, contents.subarray(0, SECTOR));
    await disk.close();
  });
}
