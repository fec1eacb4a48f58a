import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ChainHashes } from '../../../../src/engine/backup/hashes/chain-hashes.ts';
import { HASHES_V2 } from '../../../../src/engine/backup/hashes/hash-format.ts';
import { HashTreeWriter } from '../../../../src/engine/backup/hashes/hash-tree-writer.ts';
import { copyDisk } from '../../../../src/engine/backup/images/copy-disk.ts';
import {
  changedSource,
  fullSource,
} from '../../../../src/engine/backup/read/source/host-disk-source.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import type { Range } from '../../../../src/engine/base/range.ts';
import { RangeSet } from '../../../../src/engine/base/range-set.ts';
import { openDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { VhdxWriter } from '../../../../src/engine/disk/vhdx/write/vhdx-writer.ts';
import type { PartWriter } from '../../../../src/engine/source/byte-source.ts';
import { createFilePart } from '../../../../src/engine/source/files/file-part.ts';
import { FileSource } from '../../../../src/engine/source/files/file-source.ts';
import { diskSha256 } from '../../../support/disk/disk-sha256.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { hasNative, withNative } from '../../../support/native/with-native.ts';

const UNIT = 65_536;
const SECTOR = 512;
/** Not whole units: the last one is short. */
const SIZE = 64 * MIB + 7 * SECTOR;

/** Every second sector of units: 64 parts each, which the parent completes. */
function* torn(from: number, units: number): Generator<Range> {
  for (let at = from; at < from + units * UNIT; at += 2 * SECTOR)
    yield { start: at, end: at + SECTOR };
}

/** Whole units that the library copies, and between them more torn ones than may wait at once. */
const CHANGED = RangeSet.of([
  { start: 0, end: 9 * MIB },
  ...torn(10 * MIB, 280),
  { start: 30 * MIB + 3 * UNIT, end: 36 * MIB },
  ...torn(37 * MIB + UNIT, 3),
  { start: 40 * MIB, end: 46 * MIB + UNIT },
  { start: 50 * MIB, end: 50 * MIB + 100 * SECTOR },
  { start: 60 * MIB + 5 * UNIT, end: SIZE },
]);

/** Writes a disk with data in most places; some units are zeros, some absent. */
async function makeDisk(path: string): Promise<void> {
  const part = await createFilePart(path, {}, never);
  const writer = new VhdxWriter(part, { size: SIZE, blockSize: 2 * MIB });
  for (let start = 0, i = 0; start < SIZE; start += UNIT, i++) {
    const length = Math.min(UNIT, SIZE - start);
    if (i % 7 === 3) await writer.write(start, Buffer.alloc(length), never);
    // Half of a unit is absent.
    else if (i % 7 === 5) await writer.write(start, randomBytes(4 * SECTOR), never);
    else if (i % 7 !== 1) await writer.write(start, randomBytes(length), never);
  }
  await writer.complete(never);
}

interface Counted {
  readonly part: PartWriter;
  readonly bytes: () => number;
}

/** Counts what is written by Node. */
async function countedPart(path: string): Promise<Counted> {
  const part = await createFilePart(path, {}, never);
  let bytes = 0;
  const write: PartWriter['write'] = (offset, data, signal) => {
    bytes += data.length;
    return part.write(offset, data, signal);
  };
  const rest = { complete: part.complete.bind(part), abandon: part.abandon.bind(part) };
  const counted = { name: part.name, write, ...rest };
  return {
    part: part.borrow === undefined ? counted : { ...counted, borrow: part.borrow.bind(part) },
    bytes: () => bytes,
  };
}

/** Backs a disk up in full into `base.vhdx`, and the changes of another one on it. */
async function backUp(folder: string, before: string, after: string, blockSize: number) {
  const base = join(folder, 'base.vhdx');
  const fullTree = join(folder, 'base.hashes');
  const source = await fullSource(await openDisk(before, {}, never), never);
  const full = new VhdxWriter(await createFilePart(base, {}, never), { size: SIZE });
  const tree = HashTreeWriter.begin(
    await createFilePart(fullTree, {}, never),
    SIZE,
    HASHES_V2,
    null,
  );
  await copyDisk(source, full, tree, null, noProgress, never);
  const { dataWriteGuid } = await full.complete(never);
  const { root } = await tree.finish(never);
  await source.close();

  const child = join(folder, 'child.avhdx');
  const childTree = join(folder, 'child.hashes');
  const file = await FileSource.open(fullTree, never);
  const hashes = await ChainHashes.open([file], SIZE, HASHES_V2, root, never);
  const { disk } = await openDisk(base, {}, never);
  const changes = changedSource(await openDisk(after, {}, never), CHANGED);
  const counted = await countedPart(child);
  const parent = { linkage: dataWriteGuid, relativePath: '.\\base.vhdx' };
  const writer = new VhdxWriter(counted.part, { size: SIZE, blockSize, parent });
  const part = await createFilePart(childTree, {}, never);
  const next = HashTreeWriter.begin(part, SIZE, HASHES_V2, hashes);
  const copied = await copyDisk(changes, writer, next, { disk, hashes }, noProgress, never);
  const image = await writer.complete(never);
  const { root: newRoot, sha256 } = await next.finish(never);
  for (const each of [changes, disk, hashes]) await each.close();

  const opened = await openDisk(child, {}, never);
  // Blocks lie in the file in another order: what is neighbouring on the disk is one run.
  const own: { kind: string; start: number; end: number }[] = [];
  const whole = { start: 0, end: SIZE };
  for await (const { start, length, kind, depth } of opened.disk.extents(whole, never)) {
    if (depth !== 0) continue;
    const last = own.at(-1);
    if (last?.end === start && last.kind === kind) last.end += length;
    else own.push({ kind, start, end: start + length });
  }
  await opened.disk.close();
  return {
    writtenByNode: counted.bytes(),
    same: {
      contents: await diskSha256(child),
      root: newRoot,
      tree: sha256,
      copied,
      payload: image.payloadBytes,
      file: statSync(child).size,
      own,
    },
  };
}

async function compared(t: TestContext, blockSize: number): Promise<void> {
  if (!(await hasNative(t))) return;
  const folder = await temporaryFolder(t);
  const [before, after] = [join(folder, 'before.vhdx'), join(folder, 'after.vhdx')];
  await makeDisk(before);
  await makeDisk(after);
  const results = [];
  for (const setting of ['off', 'all']) {
    const into = await temporaryFolder(t);
    results.push(await withNative(setting, () => backUp(into, before, after, blockSize)));
  }
  const [without, ...using] = results;
  for (const each of using) {
    assert.deepEqual(each.same, without?.same);
    // Node writes torn units, tables and the blocks that the parent completes.
    const node = [each.writtenByNode, without?.writtenByNode ?? 0] as const;
    assert.ok(
      node[0] < 8 * MIB && node[1] > 20 * MIB,
      `${node.join(' and ')} bytes were written by Node`,
    );
  }
  // The chain holds the changes, and nothing else of the second disk.
  const [a, b] = await Promise.all([flat(before), flat(after)]);
  for (const { start, end } of CHANGED) b.copy(a, start, start, end);
  assert.equal(without?.same.contents, createHash('sha256').update(a).digest('hex'));
}

async function flat(path: string): Promise<Buffer> {
  const { disk } = await openDisk(path, {}, never);
  const bytes = Buffer.alloc(SIZE);
  await disk.read(0, bytes, never);
  await disk.close();
  return bytes;
}

for (const blockSize of [MIB, 2 * MIB]) {
  test(`an increment in blocks of ${blockSize / MIB} MiB is the same with the library and without`, (t) =>
    compared(t, blockSize));
}
