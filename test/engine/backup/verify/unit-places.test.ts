import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HASHES_V2 } from '../../../../src/engine/backup/hashes/hash-format.ts';
import {
  openStoredHashes,
  openStoredImages,
} from '../../../../src/engine/backup/images/stored-disk.ts';
import { Hasher } from '../../../../src/engine/backup/verify/hasher.ts';
import { verifyUnits } from '../../../../src/engine/backup/verify/stored-units.ts';
import { BatchBuffers } from '../../../../src/engine/backup/verify/unit-checks.ts';
import { verifyPoints } from '../../../../src/engine/backup/verify/verify.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import type { ChainDisk } from '../../../../src/engine/disk/chain/chain.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { StoredChain, type ChainWrite } from '../../../support/backup/stored-chain.ts';
import { MemoryStore } from '../../../support/store/memory-store.ts';
import { SAMPLE_VM } from '../../../support/store/sample-manifest.ts';

const SECTOR = 512;
const UNIT = 65_536;
/** Sectors of the middle of a unit. */
const inUnit = (unit: number, from: number, sectors: number): ChainWrite => ({
  sector: (unit * UNIT) / SECTOR + from,
  sectors,
  fill: unit + 1,
});

/** A full with data in units 0 and 40; an increment that changes a part of 40, and parts of units 16 to 18 that were zeros. */
async function madeChain(): Promise<StoredChain> {
  const made = new StoredChain(new MemoryStore(), {
    size: 5 * MIB,
    sector: 512,
    format: HASHES_V2,
  });
  const steps = [
    ['full', [inUnit(0, 0, 128), inUnit(40, 0, 128)]],
    ['incr', [inUnit(16, 100, 128), inUnit(18, 20, 3), inUnit(18, 90, 2), inUnit(40, 7, 9)]],
    ['incr', [inUnit(60, 1, 2)]],
  ] as const;
  for (const [kind, writes] of steps) await made.add({ kind, blockSize: MIB, copy: false, writes });
  return made;
}

/** The disk, and the starts of what was read through its chain. */
function watched(disk: ChainDisk): { readonly disk: ChainDisk; readonly reads: number[] } {
  const reads: number[] = [];
  const read: ChainDisk['read'] = (offset, into, signal) => {
    reads.push(offset / UNIT);
    return disk.read(offset, into, signal);
  };
  const proxy = new Proxy(disk, {
    get: (object, key) => {
      if (key === 'read') return read;
      const value: unknown = Reflect.get(object, key, object);
      return typeof value === 'function' ? (value.bind(object) as unknown) : value;
    },
  });
  return { disk: proxy, reads };
}

test('units that were zeros before a change inside them are not read through the chain', async () => {
  const made = await madeChain();
  const [links, before] = [made.links(1), made.links(0)];
  const hashes = await openStoredHashes(made.store, links, never);
  const parent = await openStoredHashes(made.store, before, never);
  const opened = await openStoredImages(made.store, links, never);
  try {
    for (const guess of [true, false]) {
      const { disk, reads } = watched(opened);
      const tree = { disk, hashes, parent, guess };
      const buffers = new BatchBuffers(new Hasher(undefined));
      const { damaged, guessed } = await verifyUnits(tree, buffers, noProgress, never);
      assert.deepEqual([...(await damaged)], []);
      const units = (list: readonly number[]): string => [...list].sort((a, b) => a - b).join();
      assert.equal(units(reads), guess ? '40' : '16,17,18,40');
      const zeros = [...guessed].map(({ start, end }) => [start / UNIT, end / UNIT]);
      assert.deepEqual(zeros, guess ? [[16, 19]] : []);
    }
  } finally {
    await opened.close();
    await hashes.close();
    await parent.close();
  }
});

/** Returns the damaged points, and the units that are named for each. */
async function damagedUnits({ store }: StoredChain): Promise<Record<string, number[]>> {
  const options = { point: undefined, quick: false };
  const verdicts = await verifyPoints(store, SAMPLE_VM, options, noProgress, never);
  return Object.fromEntries(
    verdicts.map(({ findings }, point) => {
      const at = findings.map(({ message }) => Number(/data at (\d+)/.exec(message)?.[1]));
      return [point, at.map((start) => start / UNIT)];
    }),
  );
}

test('damage in a part of a unit that was zeros is named for the points that read it', async () => {
  const made = await madeChain();
  const image = (made.store as MemoryStore).files.get(made.path(1, 'image')) as Uint8Array;
  const none = { 0: [], 1: [], 2: [] };
  assert.deepEqual(await damagedUnits(made), none);
  // The image stores the first change at the first place that looks like it.
  const first = 16 * UNIT + 100 * SECTOR;
  const bytes = Buffer.from(made.points[1]?.contents.subarray(first, first + UNIT) ?? []);
  const place = Buffer.from(image.buffer, image.byteOffset, image.length).indexOf(bytes);
  assert.ok(place > 0);
  const at = place + 18 * UNIT + 90 * SECTOR - first;
  image[at] = (image[at] as number) ^ 1;
  assert.deepEqual(await damagedUnits(made), { 0: [], 1: [18], 2: [18] });
  image[at] ^= 1;
  // A sector beside it, which the image does not store: no point reads it.
  image[at - SECTOR] = 1;
  assert.deepEqual(await damagedUnits(made), none);
});

test('damage in a hole of the parent is named for the points through which it shows', async () => {
  const shape = { size: 5 * MIB, sector: SECTOR, format: HASHES_V2 } as const;
  const made = new StoredChain(new MemoryStore(), shape);
  const steps = [
    ['full', [inUnit(0, 0, 128)]],
    ['incr', [inUnit(1, 10, 4)]],
    ['incr', [inUnit(60, 1, 2)]],
  ] as const;
  for (const [kind, writes] of steps) await made.add({ kind, blockSize: MIB, copy: false, writes });
  const image = (made.store as MemoryStore).files.get(made.path(0, 'image')) as Uint8Array;
  const data = Buffer.from(made.points[0]?.contents.subarray(0, UNIT) ?? []);
  const block = Buffer.from(image.buffer, image.byteOffset, image.length).indexOf(data);
  assert.ok(block > 0);
  const placeOf = (sector: number): number => block + UNIT + sector * SECTOR;
  const [hidden, shown] = [placeOf(11), placeOf(50)];
  image[hidden] = 1;
  assert.deepEqual(await damagedUnits(made), { 0: [1], 1: [], 2: [] });
  image[hidden] = 0;
  image[shown] = 1;
  assert.deepEqual(await damagedUnits(made), { 0: [1], 1: [1], 2: [1] });
});
