import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyDisk } from '../../../../src/engine/backup/images/copy-disk.ts';
import { CopyWindow } from '../../../../src/engine/backup/images/copy-window.ts';
import type { CopyBase } from '../../../../src/engine/backup/images/copy-piece.ts';
import { zeroDigest } from '../../../../src/engine/backup/hashes/hash-cell.ts';
import { HASHES_V2 } from '../../../../src/engine/backup/hashes/hash-format.ts';
import { HashTreeWriter } from '../../../../src/engine/backup/hashes/hash-tree-writer.ts';
import { changedSource } from '../../../../src/engine/backup/read/source/host-disk-source.ts';
import { delay, never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import type { Range } from '../../../../src/engine/base/range.ts';
import { RangeSet } from '../../../../src/engine/base/range-set.ts';
import { ChainDisk } from '../../../../src/engine/disk/chain/chain.ts';
import { VhdxImage } from '../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { VhdxWriter } from '../../../../src/engine/disk/vhdx/write/vhdx-writer.ts';
import type { PartWriter } from '../../../../src/engine/source/byte-source.ts';
import { PageStorage } from '../../../support/files/page-storage.ts';
import { RoundSource } from '../../../support/files/round-source.ts';

// Round trips depend on reads alone if hashes are computed between them.
process.env['REFPOINT_NATIVE'] = 'off';

/** A part that becomes a sparse image in memory. */
function partInto(storage: PageStorage): PartWriter {
  return {
    name: storage.name,
    write: (offset, bytes) => storage.write(offset, bytes),
    complete: (size) => storage.resize(size),
    abandon: async () => undefined,
  };
}

const mark = (offset: number): number => (Math.floor(offset / 4096) % 250) + 1;

interface Shape {
  readonly size: number;
  readonly runs: readonly Range[];
  /** The frozen disk is a differencing image, whose bitmaps lie in pages of their own. */
  readonly child: boolean;
}

/** Makes a frozen disk that holds `runs`, and copies them as an increment, over a slow line. */
async function copySlowly({ size, runs, child }: Shape): Promise<RoundSource> {
  const lower = new PageStorage();
  const parent = new VhdxWriter(partInto(lower), { size, blockSize: MIB });
  await parent.complete(never);
  const upper = new PageStorage();
  const link = { linkage: parent.dataWriteGuid, relativePath: '.\\parent.vhdx' };
  const shape = { size, blockSize: MIB, ...(child ? { parent: link } : {}) };
  const frozen = new VhdxWriter(partInto(upper), shape);
  for (const { start, end } of runs) {
    await frozen.write(start, Buffer.alloc(end - start, mark(start)), never);
  }
  await frozen.complete(never);

  const slow = new RoundSource(upper);
  const layers = [await VhdxImage.open(slow, never)];
  if (child) layers.push(await VhdxImage.open(lower, never));
  const disk = new ChainDisk(layers);
  slow.reset();

  const below = new ChainDisk([await VhdxImage.open(lower, never)]);
  const leaf = async (): Promise<Uint8Array> => zeroDigest(HASHES_V2.unit);
  const base = { disk: below, hashes: { leaf } as unknown as CopyBase['hashes'] };
  const copy = new PageStorage();
  const writer = new VhdxWriter(partInto(copy), { size, blockSize: MIB, parent: link });
  const hashes = HashTreeWriter.begin(null, size, HASHES_V2, null);
  const source = changedSource(
    { disk, layers, files: [] } as unknown as Parameters<typeof changedSource>[0],
    RangeSet.of(runs),
  );
  const { readBytes } = await copyDisk(
    source,
    writer,
    hashes,
    base,
    noProgress,
    never,
    new CopyWindow(() => 0),
  );
  assert.equal(
    readBytes,
    runs.reduce((sum, { start, end }) => sum + end - start, 0),
  );
  await writer.complete(never);
  await mustHold(copy, lower, runs);
  return slow;
}

async function mustHold(
  copy: PageStorage,
  lower: PageStorage,
  runs: readonly Range[],
): Promise<void> {
  const images = [await VhdxImage.open(copy, never), await VhdxImage.open(lower, never)];
  const chain = new ChainDisk(images);
  for (const { start, end } of runs) {
    const bytes = Buffer.alloc(end - start);
    await chain.read(start, bytes, never);
    assert.ok(bytes.equals(Buffer.alloc(end - start, mark(start))), `the run at ${start} differs`);
  }
}

const runsOf = (count: number, length: number, stride: number): Range[] =>
  Array.from({ length: count }, (_, i) => ({ start: i * stride, end: i * stride + length }));

/** 512 requests and 32 MiB; tables are looked up at the same time. */
const MAX_DATA = 512;
const MAX_BYTES = 32 * MIB;

test('whole mebibytes: 32 MiB are in flight, and no more', async () => {
  const slow = await copySlowly({ size: 2 ** 30, runs: runsOf(80, MIB, 2 * MIB), child: false });
  assert.ok(slow.rounds <= 9, `${slow.rounds} round trips for 80 MiB`);
  assert.ok(slow.mostBytes <= MAX_BYTES + MIB, `${slow.mostBytes} bytes were in flight`);
});

for (const length of [4096, 65_536]) {
  test(`runs of ${length} bytes: hundreds of requests are in flight, and no more than 512`, async () => {
    const runs = runsOf(1000, length, 8 * MIB);
    const slow = await copySlowly({ size: 16 * 2 ** 30, runs, child: false });
    assert.ok(slow.rounds <= 16, `${slow.rounds} round trips for 1000 runs`);
    assert.ok(slow.mostRequests <= MAX_DATA + 16, `${slow.mostRequests} requests were in flight`);
    assert.ok(slow.mostBytes <= MAX_BYTES + 2 * MIB, `${slow.mostBytes} bytes were in flight`);
  });
}

test('many parts of one cell are read at the same time', async () => {
  const slow = await copySlowly({ size: 64 * MIB, runs: runsOf(480, 4096, 8192), child: false });
  assert.ok(slow.rounds <= 18, `${slow.rounds} round trips for 480 parts of four cells`);
});

test('the tables of coming ranges are read while the data of others is', async () => {
  // Each run needs a page of a bitmap of its own; one round trip after another they would take 1600.
  const slow = await copySlowly({
    size: 32 * 2 ** 30,
    runs: runsOf(1600, 4096, 16 * MIB),
    child: true,
  });
  assert.ok(slow.rounds <= 30, `${slow.rounds} round trips for 1600 runs`);
  const changed = 1600 * 4096;
  assert.ok(slow.readBytes < 2.5 * changed, `${slow.readBytes} bytes were read for ${changed}`);
});

test('a source that answers late because this thread is busy gets no larger window', async () => {
  const window = new CopyWindow(() => 0.9);
  for (let i = 0; i < 100; i++) await window.read(1, () => delay(2, never));
  assert.equal(window.grown, false);
});
