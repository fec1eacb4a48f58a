import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { HASHES_V2 } from '../../../../src/engine/backup/hashes/hash-format.ts';
import { restorePoint } from '../../../../src/engine/backup/restore/restore.ts';
import { DirectoryStore } from '../../../../src/engine/backup/store/directory/directory-store.ts';
import {
  openStoredHashes,
  openStoredImages,
} from '../../../../src/engine/backup/images/stored-disk.ts';
import { verifyPoints } from '../../../../src/engine/backup/verify/verify.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { mapDisk } from '../../../../src/engine/disk/tools/disk-map.ts';
import { surveyDisk } from '../../../../src/engine/disk/survey/survey-disk.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { generator } from '../../../support/files/crash-recorder.ts';
import { naiveLeaves, naiveRoot } from '../../../support/store/naive-root.ts';
import { SAMPLE_VM } from '../../../support/store/sample-manifest.ts';
import {
  StoredChain,
  type ChainStep,
  type ModelPoint,
} from '../../../support/backup/stored-chain.ts';
import { SEED } from '../../../support/process/all-cases.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const POINTS = 60;
const SIZE = 3 * MIB + 9 * 512;
const SECTORS = SIZE / 512;

/** Scattered sectors, runs, zeros, and rewrites of what is there; some images have sector bitmaps, some only whole blocks. */
function randomStep(number: number, random: () => number): ChainStep {
  const below = (n: number): number => Math.floor(random() * n);
  const lengths = [1, 1, 3, 16, 40, 128];
  return {
    kind: 'incr',
    blockSize: [MIB, MIB, 2 * MIB, 4 * MIB][below(4)] as number,
    // Completed blocks hide what lies below, so the last images have none.
    copy: number < 40 && random() < 0.3,
    writes: Array.from({ length: below(6) }, () => ({
      sector: below(SECTORS),
      sectors: lengths[below(lengths.length)] as number,
      fill: random() < 0.25 ? 0 : below(250),
    })),
  };
}

/** Maps, hash trees and restores open every file of a chain and take longer: of some points. */
const isLookedAt = (number: number): boolean => number % 13 === 0 || number === POINTS - 1;

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** The point's chain read as one disk. */
async function assertReads(chain: StoredChain, number: number, point: ModelPoint): Promise<void> {
  const links = chain.links(number);
  const disk = await openStoredImages(chain.store, links, never);
  const bytes = new Uint8Array(SIZE);
  await disk.read(0, bytes, never);
  assert.ok(equal(bytes, point.contents), `point ${number} reads as it was`);
  await disk.close();
  const root = naiveRoot(SIZE, naiveLeaves(point.contents, HASHES_V2.unit), HASHES_V2);
  assert.equal(point.manifest.disks[0]?.hashRoot, root, `root of point ${number}`);
  if (!isLookedAt(number)) return;
  const hashes = await openStoredHashes(chain.store, links, never);
  for (const unit of [0, 15, 16, 31, 48]) {
    const bytes = point.contents.subarray(unit * 65_536, (unit + 1) * 65_536);
    const [expected] = naiveLeaves(bytes, 65_536);
    assert.deepEqual(Buffer.from(await hashes.leaf(unit, never)), expected, `unit ${unit}`);
  }
  await hashes.close();
}

/** `disk map` of the point's image, which finds its parents by their paths: each entry is true. */
async function assertMap(file: string, { contents }: ModelPoint): Promise<number> {
  const surveyed = await surveyDisk(file, {}, never);
  let at = 0;
  let deepest = 0;
  for await (const entry of mapDisk(surveyed, never)) {
    assert.equal(entry.start, at, 'no gap');
    at += entry.length;
    assert.ok(!('lost' in entry), JSON.stringify(entry));
    const wanted = contents.subarray(entry.start, at);
    if (entry.data) {
      const { filename = '', offset = -1 } = entry;
      assert.equal(filename, surveyed.chain[entry.depth ?? -1]);
      const found = new Uint8Array(entry.length);
      const layer = surveyed.layers[entry.depth ?? -1];
      await layer?.readData(entry.start, offset, found, never);
      assert.ok(equal(found, wanted), JSON.stringify(entry));
      deepest = Math.max(deepest, entry.depth ?? 0);
    } else {
      assert.ok(
        wanted.every((byte) => byte === 0),
        JSON.stringify(entry),
      );
    }
  }
  assert.equal(at, SIZE);
  await surveyed.close();
  return deepest;
}

test('each of 60 points of a chain reads, maps, hashes and restores as a flat model of the disk', async (t) => {
  const folder = await temporaryFolder(t);
  const store = await DirectoryStore.open(join(folder, 'store'), { create: true }, never);
  t.diagnostic(`seed ${SEED}`);
  const random = generator(SEED);
  const chain = new StoredChain(store, { size: SIZE, sector: 512, format: HASHES_V2 });
  for (let i = 0; i < POINTS; i++) await chain.add(randomStep(i, random));

  let deepest = 0;
  for (const [number, point] of chain.points.entries()) {
    await assertReads(chain, number, point);
    if (!isLookedAt(number)) continue;
    deepest = await assertMap(join(store.location, chain.path(number, 'image')), point);
    const to = join(folder, 'out');
    const options = { vmId: SAMPLE_VM, disks: [], to, format: 'raw', force: false } as const;
    const { id } = point.manifest;
    const { disks } = await restorePoint(store, { ...options, point: id }, noProgress, never);
    const restored = await readFile(disks[0]?.file ?? '');
    assert.ok(equal(restored, point.contents), `point ${number} is restored as it was`);
    await rm(to, { recursive: true });
  }
  assert.ok(deepest >= 15, `the last map reads from depth ${deepest}`);
  const all = { point: undefined, quick: false };
  const verdicts = await verifyPoints(store, SAMPLE_VM, all, noProgress, never);
  assert.equal(verdicts.length, POINTS);
  assert.deepEqual(
    verdicts.flatMap(({ findings }) => findings),
    [],
  );
});
