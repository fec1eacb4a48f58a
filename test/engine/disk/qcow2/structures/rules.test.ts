import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { Qcow2Image } from '../../../../../src/engine/disk/qcow2/read/qcow2-image.ts';
import { readHead } from '../../../../../src/engine/disk/qcow2/read/read-head.ts';
import { HeldSource } from '../../../../../src/engine/source/held-source.ts';
import { written } from '../../../../support/disk/qcow2-images.ts';

const SIZE = 2 ** 20;
const parent = {
  identity: undefined,
  format: 'raw',
  size: SIZE,
  relativePath: 'base.raw',
  absolutePath: undefined,
};
const plain = await written(
  { size: SIZE, subformat: 'dynamic', blockSize: 65_536 },
  new Uint8Array(SIZE),
  1,
);
const child = await written(
  { size: SIZE, subformat: 'differencing', parent },
  new Uint8Array(SIZE),
  1,
);

type Change = (view: DataView) => void;
const u32 =
  (at: number, value: number): Change =>
  (view) =>
    view.setUint32(at, value);
const u64 =
  (at: number, value: bigint): Change =>
  (view) =>
    view.setBigUint64(at, value);
const u8 =
  (at: number, value: number): Change =>
  (view) =>
    view.setUint8(at, value);

const changed = (bytes: Uint8Array, ...changes: readonly Change[]): Uint8Array => {
  const copy = new Uint8Array(bytes);
  for (const change of changes) change(new DataView(copy.buffer));
  return copy;
};

async function codesOf(bytes: Uint8Array): Promise<readonly string[]> {
  const head = await readHead(new HeldSource(bytes, 'x.qcow2'), never);
  return head.defects.map(({ code }) => code);
}

const view = new DataView(plain.buffer);
const l1At = Number(view.getBigUint64(40));
const BITMAPS = 0x23852875;

/** What is wrong with the head of an image, by the change that makes it so. */
const HEADS: readonly [code: string, bytes: Uint8Array][] = [
  ['qcow2.signature', changed(plain, u32(0, 0x51464900))],
  ['qcow2.signature', new Uint8Array(3)],
  ['qcow2.version', changed(plain, u32(4, 1))],
  ['qcow2.version', changed(plain, u32(4, 4))],
  ['qcow2.truncated', plain.slice(0, 103)],
  ['qcow2.truncated', plain.slice(0, 6)],
  ['qcow2.header.clusterBits', changed(plain, u32(20, 8))],
  ['qcow2.header.clusterBits', changed(plain, u32(20, 22))],
  ['qcow2.header.clusterBits', changed(plain, u32(20, 0xffffffff))],
  ['qcow2.header.size', changed(plain, u64(24, 2n ** 63n))],
  ['qcow2.header.sizeSectors', changed(plain, u64(24, BigInt(SIZE - 1)))],
  ['qcow2.encrypted', changed(plain, u32(32, 2))],
  ['qcow2.l1.size', changed(plain, u32(36, 0))],
  ['qcow2.l1.size', changed(plain, u32(36, 0xffffffff))],
  ['qcow2.l1.size', changed(plain, u64(24, 2n ** 52n))],
  ['qcow2.l1.place', changed(plain, u64(40, 0x10001n))],
  ['qcow2.l1.place', changed(plain, u64(40, 0n))],
  ['qcow2.l1.place', changed(plain, u64(40, 2n ** 62n))],
  ['qcow2.refcountTable.place', changed(plain, u64(48, 17n))],
  ['qcow2.refcountTable.size', changed(plain, u32(56, 0))],
  ['qcow2.refcountTable.size', changed(plain, u32(56, 0xffffffff))],
  ['qcow2.snapshots.count', changed(plain, u32(60, 0xffffffff))],
  ['qcow2.snapshots.place', changed(plain, u32(60, 1), u64(64, 5n))],
  ['qcow2.feature.dirty', changed(plain, u64(72, 1n))],
  ['qcow2.feature.corrupt', changed(plain, u64(72, 2n))],
  ['qcow2.feature.dataFile', changed(plain, u64(72, 4n))],
  ['qcow2.feature.unknown', changed(plain, u64(72, 32n))],
  ['qcow2.feature.unknown', changed(plain, u64(72, 2n ** 63n))],
  ['qcow2.header.compressionMark', changed(plain, u64(72, 8n))],
  ['qcow2.header.compressionMark', changed(plain, u8(104, 1))],
  ['qcow2.header.compressionType', changed(plain, u64(72, 8n), u8(104, 9))],
  ['qcow2.header.padding', changed(plain, u8(109, 1))],
  ['qcow2.header.refcountOrder', changed(plain, u32(96, 7))],
  ['qcow2.header.length', changed(plain, u32(100, 96))],
  ['qcow2.header.length', changed(plain, u32(100, 105))],
  ['qcow2.header.length', changed(plain, u32(100, 0xfffffff8))],
  ['qcow2.header.extendedClusterBits', changed(child, u32(20, 13))],
  ['qcow2.bitmaps.missing', changed(plain, u64(88, 1n))],
  ['qcow2.extension.length', changed(plain, u32(112, 5), u32(116, 0xfffffff0))],
  ['qcow2.extension.duplicate', changed(plain, u32(112, BITMAPS), u32(120, BITMAPS))],
  ['qcow2.bitmaps.length', changed(plain, u32(112, BITMAPS), u32(116, 8))],
  ['qcow2.bitmaps.count', changed(plain, u32(112, BITMAPS), u32(116, 24))],
  ['qcow2.bitmaps.reserved', changed(plain, u32(112, BITMAPS), u32(116, 24), u32(124, 1))],
  ['qcow2.bitmaps.place', changed(plain, u32(112, BITMAPS), u32(116, 24), u64(136, 3n))],
  ['qcow2.backing.length', changed(child, u32(16, 1024))],
  ['qcow2.backing.place', changed(child, u64(8, 16_380n))],
  ['qcow2.backing.place', changed(child, u64(8, 50n))],
  ['qcow2.backing.text', changed(child, u8(nameAt(), 0xff))],
  ['qcow2.backing.outside', changed(child, u8(nameAt(), 0x2f))],
  ['qcow2.backing.format', changed(child, u8(120, 0x78))],
  ['qcow2.backing.unformatted', changed(child, u32(112, 0x12345678))],
];

function nameAt(): number {
  return Number(new DataView(child.buffer).getBigUint64(8));
}

test('each broken rule of the head is found, by its code', async () => {
  assert.deepEqual(await codesOf(plain), []);
  assert.deepEqual(await codesOf(child), []);
  for (const [code, bytes] of HEADS) {
    const found = await codesOf(bytes);
    assert.ok(found.includes(code), `${code}: found ${found.join(', ')}`);
  }
  assert.ok(new Set(HEADS.map(([code]) => code)).size >= 30);
});

test('what a reader must not accept it refuses, and what is only strange it reads', async () => {
  for (const [code, bytes] of HEADS) {
    const source = new HeldSource(bytes, 'x.qcow2');
    const { defects } = await readHead(source, never);
    const refused = defects.find(({ error }) => error !== undefined);
    const opening = Qcow2Image.open(source, {}, never);
    if (refused === undefined) await opening;
    else await assert.rejects(opening, { code: refused.error }, code);
  }
});

/** Reads the whole map; returns the codes of rules that lose a part. */
async function lostOf(bytes: Uint8Array): Promise<readonly unknown[]> {
  const image = await Qcow2Image.open(new HeldSource(bytes, 'x.qcow2'), {}, never);
  const lost: unknown[] = [];
  let at = 0;
  for await (const batch of image.surveyedIn([{ start: 0, end: image.size }], never)) {
    for (const part of batch) {
      assert.equal(part.start, at);
      at = part.end;
      if (part.kind === 'lost') lost.push(part.error.data['rule']);
    }
  }
  assert.equal(at, image.size);
  return lost;
}

test('broken entries lose their part of the disk and no other', async () => {
  const l2At = Number(view.getBigUint64(l1At) & 0x00fffffffffffe00n);
  const end = BigInt(plain.length);
  const owned = 2n ** 63n;
  const cases: readonly [string, Uint8Array][] = [
    ['qcow2.l1.reserved', changed(plain, u64(l1At, 0x10001n))],
    ['qcow2.l1.alignment', changed(plain, u64(l1At, owned | 0x10200n))],
    ['qcow2.l1.beyond', changed(plain, u64(l1At, owned | end))],
    ['qcow2.l2.reserved', changed(plain, u64(l2At, owned | 0x10002n))],
    ['qcow2.l2.alignment', changed(plain, u64(l2At, owned | 0x10200n))],
    ['qcow2.l2.beyond', changed(plain, u64(l2At, owned | end))],
    ['qcow2.l2.compressed', changed(plain, u64(l2At, (2n ** 62n) | (end + 9n)))],
    ['qcow2.l2.zeroFlag', changed(plain, u32(4, 2), u64(l2At, owned | 0x10001n))],
  ];
  assert.deepEqual(await lostOf(plain), []);
  for (const [code, bytes] of cases) assert.deepEqual(await lostOf(bytes), [code]);
  const childView = new DataView(child.buffer);
  const childL1 = Number(childView.getBigUint64(40));
  const childL2 = Number(childView.getBigUint64(childL1) & 0x00fffffffffffe00n);
  const both = changed(child, u64(childL2, owned | 0x4000n), u64(childL2 + 8, 0x100000001n));
  assert.deepEqual(await lostOf(both), ['qcow2.l2.subclusters']);
  const nowhere = changed(child, u64(childL2, 0n), u64(childL2 + 8, 1n));
  assert.deepEqual(await lostOf(nowhere), ['qcow2.l2.offset']);
});

test('a small file that names one L2 table a million times ends soon', async () => {
  const cluster = 65_536;
  const span = (cluster / 8) * cluster;
  const bytes = new Uint8Array(cluster * 200);
  bytes.set(plain.subarray(0, cluster));
  const entries = (cluster * 100) / 8;
  const end = new DataView(bytes.buffer);
  end.setBigUint64(24, BigInt(entries * span));
  end.setUint32(36, entries);
  end.setBigUint64(40, BigInt(cluster));
  end.setBigUint64(48, BigInt(cluster * 150));
  for (let i = 0; i < entries; i++) end.setBigUint64(cluster + i * 8, BigInt(cluster * 190));
  const began = performance.now();
  const lost = await lostOf(bytes);
  assert.ok(lost.length > 0 && lost.every((code) => code === 'qcow2.l1.shared'));
  assert.ok(performance.now() - began < 10_000);
});
