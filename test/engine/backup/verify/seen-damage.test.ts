import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { HASHES_V1, HASHES_V2 } from '../../../../src/engine/backup/hashes/hash-format.ts';
import type { DiskRecord } from '../../../../src/engine/backup/manifest/manifest.ts';
import { formatManifest } from '../../../../src/engine/backup/manifest/manifest-json.ts';
import { restorePoint } from '../../../../src/engine/backup/restore/restore.ts';
import { isDamaged, type PointVerdict } from '../../../../src/engine/backup/verify/verdict.ts';
import { verifyPoints } from '../../../../src/engine/backup/verify/verify.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { crc32c } from '../../../../src/engine/base/bytes/crc32c.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { BITMAP_PRESENT } from '../../../../src/engine/disk/vhdx/structures/bat-entry.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { VhdxImage } from '../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { MemoryStorage } from '../../../support/files/memory-source.ts';
import { MemoryStore } from '../../../support/store/memory-store.ts';
import { SAMPLE_VM } from '../../../support/store/sample-manifest.ts';
import {
  StoredChain,
  type ChainWrite,
  type ModelPoint,
} from '../../../support/backup/stored-chain.ts';
import { ALL_CASES } from '../../../support/process/all-cases.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const KIB = 1024;
const UNIT = 64 * KIB;
const BAT = 3 * MIB;

const bytes = (start: number, end: number, fill: number): ChainWrite => ({
  sector: start / 512,
  sectors: (end - start) / 512,
  fill,
});

class Damaged {
  readonly store = new MemoryStore();
  readonly chain: StoredChain;

  constructor(format: typeof HASHES_V2 = HASHES_V2) {
    this.chain = new StoredChain(this.store, { size: 4 * MIB + 512, sector: 512, format });
  }

  /** A full of data and three increments that store exactly the sectors that they changed. */
  async make(): Promise<this> {
    const steps: readonly (readonly ChainWrite[])[] = [
      [bytes(0, 4 * MIB + 512, 1)],
      [
        bytes(0, UNIT, 2),
        bytes(UNIT + 512, UNIT + 1024, 3),
        bytes(2 * UNIT, 3 * UNIT, 0),
        bytes(4 * MIB, 4 * MIB + 512, 9),
      ],
      [bytes(2 * MIB, 3 * MIB, 4)],
      [bytes(4 * UNIT, 5 * UNIT, 5)],
    ];
    for (const [i, writes] of steps.entries()) {
      await this.chain.add({
        kind: i === 0 ? 'full' : 'incr',
        blockSize: MIB,
        copy: false,
        writes,
      });
    }
    return this;
  }

  file(point: number, file: 'image' | 'hashes' | 'manifest' | 'changes'): Uint8Array {
    return this.store.files.get(this.chain.path(point, file)) as Uint8Array;
  }

  /** Where a point's own image stores a byte of the disk. */
  async placeOf(point: number, at: number): Promise<number> {
    const image = await VhdxImage.open(new MemoryStorage(this.file(point, 'image')), never);
    const [extent] = await image.extentsOf({ start: at, end: at + 1 }, never);
    assert.ok(extent?.kind === 'data', `point ${point} stores ${at}`);
    return extent.offset;
  }

  /** Where the sector bitmap of a point's image lies. */
  bitmapOf(point: number): number {
    const view = new DataView(this.file(point, 'image').buffer, BAT);
    // Entries of a chunk of 4096 blocks, then that of its bitmap.
    const entry = view.getBigUint64(4096 * 8, true);
    assert.equal(Number(entry & 7n), BITMAP_PRESENT);
    return Number(entry >> 20n) * MIB;
  }

  flip(
    point: number,
    file: 'image' | 'hashes' | 'manifest' | 'changes',
    at: number,
    bits = 1,
  ): void {
    const all = this.file(point, file);
    const place = at < 0 ? all.length + at : at;
    all[place] = (all[place] as number) ^ bits;
  }

  /** Puts another hash file in place of a point's, and its size and SHA-256 into the manifest. */
  async replace(point: number, bytes: Uint8Array): Promise<void> {
    const { manifest } = this.chain.points[point] as ModelPoint;
    const [disk] = manifest.disks as readonly [DiskRecord];
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const hashesFile = { file: disk.hashesFile.file, size: bytes.length, sha256 };
    const changed = { ...manifest, disks: [{ ...disk, hashesFile }] };
    await this.store.replaceFile(this.chain.path(point, 'hashes'), bytes, never);
    const path = this.chain.path(point, 'manifest');
    await this.store.replaceFile(path, formatManifest(changed), never);
  }

  verify(point?: number): Promise<readonly PointVerdict[]> {
    const id = point === undefined ? undefined : this.chain.points[point]?.manifest.id;
    return verifyPoints(this.store, SAMPLE_VM, { point: id, quick: false }, noProgress, never);
  }
}

/** Numbers of the points that have an error. */
const namedIn = (verdicts: readonly PointVerdict[]): number[] =>
  verdicts.flatMap((verdict, i) => (isDamaged(verdict) ? [i] : []));

type Kind = readonly [
  what: string,
  damage: (made: Damaged) => Promise<void> | void,
  named: readonly number[],
  codes: RegExp,
];

const payload =
  (point: number, at: number) =>
  async (made: Damaged): Promise<void> =>
    made.flip(point, 'image', await made.placeOf(point, at), 0x40);

/** The bit of a sector in the bitmap of the first increment. */
const bit =
  (sector: number) =>
  (made: Damaged): void =>
    made.flip(1, 'image', made.bitmapOf(1) + (sector >> 3), 1 << (sector & 7));

const CELL = /^cell\.hash$/;
const KINDS: readonly Kind[] = [
  ['a byte of the full that the first increment replaced', payload(0, 100), [0], CELL],
  ['the same in a unit that was replaced in part', payload(0, UNIT + 600), [0], CELL],
  ['the rest of that unit', payload(0, UNIT + 1024), [0, 1, 2, 3], CELL],
  ['a byte of the full that the first increment made zero', payload(0, 2 * UNIT + 7), [0], CELL],
  ['a byte of the full that the second increment replaced', payload(0, 2 * MIB), [0, 1], CELL],
  ['a byte of the full that the last increment replaced', payload(0, 4 * UNIT), [0, 1, 2], CELL],
  ['a byte of the full that nothing replaced', payload(0, 5 * UNIT), [0, 1, 2, 3], CELL],
  ['the last byte of the disk in the full', payload(0, 4 * MIB + 511), [0], CELL],
  ['the last byte of the disk in the first increment', payload(1, 4 * MIB + 511), [1, 2, 3], CELL],
  ['a byte of an increment that no other replaced', payload(1, 9), [1, 2, 3], CELL],
  ['zeros that are stored as such', payload(1, 2 * UNIT + 9), [1, 2, 3], CELL],
  ['a byte of the last increment', payload(3, 4 * UNIT), [3], CELL],
  [
    'a byte of a partial block that its bitmap hides',
    async (made) => made.flip(1, 'image', (await made.placeOf(1, 0)) + 5 * UNIT),
    [],
    /^$/,
  ],
  ['the bit of a stored sector: the parent shows through', bit(0), [1, 2, 3], CELL],
  ['the bit of a sector that is not stored: zeros show', bit(UNIT / 512), [1, 2, 3], CELL],
  ['a bit of a block that is not partial', bit((3 * MIB) / 512), [], /^$/],
  [
    'the entry of a block of an increment is lost',
    (made) => made.file(2, 'image').fill(0, BAT + 16, BAT + 24),
    [2, 3],
    /cell\.hash|image\.bat/,
  ],
  [
    'an entry says zeros where the parent has data',
    (made) => made.flip(2, 'image', BAT + 24, 2),
    [2, 3],
    CELL,
  ],
  [
    'the entry of a block of the full leads out of the file, and the second increment has the block',
    (made) => made.flip(0, 'image', BAT + 16 + 5),
    [0, 1],
    /vhdx\.bat\.offset/,
  ],
  [
    'the same for a block that no increment has',
    (made) => made.flip(0, 'image', BAT + 24 + 5),
    [0, 1, 2, 3],
    /vhdx\.bat\.offset/,
  ],
  [
    'that entry, and a byte of another block',
    async (made) => {
      await payload(0, 5 * UNIT)(made);
      made.flip(0, 'image', BAT + 16 + 5);
    },
    [0, 1, 2, 3],
    /vhdx\.bat\.offset.*disk\.hash/,
  ],
  [
    'the entry of a block that is not stored names a place beyond every file',
    (made) => {
      // Two of them: a run of such entries is read by its first.
      made.flip(1, 'image', BAT + 16 + 6, 0x20);
      made.flip(1, 'image', BAT + 24 + 6, 0x20);
    },
    [1],
    /^image\.bat$/,
  ],
  [
    'the same with reserved bits',
    (made) => made.flip(1, 'image', BAT + 24, 0x80),
    [1],
    /^image\.bat$/,
  ],
  ...(
    [
      ['the header', 20],
      ['a page', 70],
      ['the index', -128 - 5],
      ['the trailer', -60],
    ] as const
  ).map(([what, at]): Kind => [
    `${what} of a hash file`,
    (made) => made.flip(1, 'hashes', at),
    [1],
    /file\.hash.*hashes\.damaged/,
  ]),
  [
    'a hash file, and a byte of the full that the second increment replaced',
    async (made) => {
      made.flip(1, 'hashes', 70);
      await payload(0, 2 * MIB)(made);
    },
    [0, 1],
    /cell\.hash.*hashes\.damaged.*disk\.hash/,
  ],
  [
    'the hash file of the full, and a byte that all points read',
    async (made) => {
      made.flip(0, 'hashes', 70);
      await payload(0, 5 * UNIT)(made);
    },
    [0, 1, 2, 3],
    /disk\.hash/,
  ],
  ['a manifest', (made) => made.flip(1, 'manifest', 60), [1, 2, 3], /manifest\..*chain\.gap/],
  ['the answers of the tracker', (made) => made.flip(2, 'changes', 3), [2], /^file\.hash$/],
  ['the second copy of a header', (made) => made.flip(1, 'image', 0x10010), [1], /^image\.head$/],
];

test('each damage is named for the points that read it, and for no other', async (t) => {
  const made = await new Damaged().make();
  const good = new Map([...made.store.files].map(([path, bytes]) => [path, bytes.slice()]));
  assert.deepEqual(namedIn(await made.verify()), []);
  for (const [number, [what, damage, expected, codes]] of KINDS.entries()) {
    await t.test(what, async () => {
      for (const [path, bytes] of good) made.store.files.get(path)?.set(bytes);
      await damage(made);
      const verdicts = await made.verify();
      const found = verdicts.flatMap(({ findings }) => findings.map(({ code }) => code));
      const text = JSON.stringify(verdicts, undefined, 1);
      assert.deepEqual(namedIn(verdicts), expected, text);
      assert.match([...new Set(found)].join(' '), codes, text);
      // Each point alone says the same: a point per damage, in turn.
      for (const [i, verdict] of verdicts.entries()) {
        if (!ALL_CASES && i !== number % verdicts.length) continue;
        assert.deepEqual(await made.verify(i), [verdict]);
      }
      await assertRestores(t, made, expected, what);
    });
  }
});

/** What is not named can be restored; what is named for its contents cannot. */
async function assertRestores(
  t: TestContext,
  made: Damaged,
  named: readonly number[],
  what: string,
): Promise<void> {
  const to = join(await temporaryFolder(t), 'out');
  for (const [i, { manifest }] of made.chain.points.entries()) {
    // Whether a restore of a named point succeeds is left open; that it fails as damage is seen with the first.
    if (!ALL_CASES && named.includes(i) && i !== named[0]) continue;
    const options = { vmId: SAMPLE_VM, point: manifest.id, disks: [], to, format: 'raw' } as const;
    const work = restorePoint(made.store, { ...options, force: false }, noProgress, never);
    const failure = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    await rm(to, { recursive: true, force: true });
    if (failure === undefined) continue;
    assert.ok(isEngineError(failure) && failure.damage, `${what}: ${(failure as Error).message}`);
    assert.ok(named.includes(i), `${what}: point ${i} is not named, yet: ${failure.message}`);
  }
}

test('a hash file that lacks a change, with records that fit, proves nothing', async () => {
  const made = await new Damaged().make();
  // The file says nothing of the first page of leaves any more, and the image nothing of the first block.
  const file = made.file(1, 'hashes');
  const size = file.length - 24;
  const view = new DataView(file.buffer);
  const index = Number(view.getBigUint64(file.length - 56, true));
  const count = Number(view.getBigUint64(file.length - 48, true));
  const first = {
    page: view.getBigUint64(index, true),
    pages: view.getBigUint64(index + 16, true),
  };
  assert.deepEqual(first, { page: 0n, pages: 1n });
  const changed = new Uint8Array(size);
  changed.set(file.subarray(0, index));
  const entries = file.slice(index + 24, index + 24 * count);
  changed.set(entries, index);
  const trailer = file.slice(-128);
  const end = new DataView(trailer.buffer);
  end.setBigUint64(128 - 48, BigInt(count - 1), true);
  trailer.set(createHash('sha256').update(entries).digest(), 128 - 40);
  end.setUint32(124, crc32c(trailer.subarray(0, 124)), true);
  changed.set(trailer, size - 128);
  await made.replace(1, changed);
  made.file(1, 'image').fill(0, made.bitmapOf(1), made.bitmapOf(1) + 256);
  const verdicts = await made.verify();
  assert.deepEqual(namedIn(verdicts), [1, 2, 3], JSON.stringify(verdicts));
});

test('the place of the damage is named, once for each hash unit', async () => {
  for (const format of [HASHES_V1, HASHES_V2]) {
    const made = await new Damaged(format).make();
    for (const at of [100, 5 * UNIT, 5 * UNIT + 9, 4 * MIB + 3]) await payload(0, at)(made);
    const units = (list: readonly number[]): number[] => [
      ...new Set(list.map((at) => at - (at % format.unit))),
    ];
    const verdicts = await made.verify();
    for (const [i, { findings }] of verdicts.entries()) {
      const places = findings.map(({ message }) => Number(/the data at (\d+) /.exec(message)?.[1]));
      const expected = i === 0 ? [0, 5 * UNIT, 4 * MIB] : [5 * UNIT];
      assert.deepEqual(places, units(expected), `version ${format.version}, point ${i}`);
    }
  }
});
