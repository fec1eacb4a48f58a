import { OWNED, type Qcow2Kind, type Qcow2Victim } from './qcow2-victim.ts';

/** Makes the example of one code out of a sound image. */
type Maker = readonly [kind: Qcow2Kind, harm: (victim: Qcow2Victim) => Qcow2Victim];

const BITMAPS = 0x23852875;
/** Offsets of the first extension: its type, and its data. */
const EXTENSION = 112;
const DATA = 120;

/** Offsets of the directory, its entry, and the table of the bitmap that `withBitmap` adds. */
export const directory = (v: Qcow2Victim): number => Number(v.entry(DATA + 16));
export const table = (v: Qcow2Victim): number => Number(v.entry(directory(v)));

/** Adds a bitmap “a”: extension, directory, table, and one cluster of bits. */
export function withBitmap(v: Qcow2Victim): Qcow2Victim {
  const [at, table, bits] = [v.grow(1), v.grow(1), v.grow(1)];
  return v
    .put(88, 1, 8)
    .put(EXTENSION, BITMAPS, 4)
    .put(EXTENSION + 4, 24, 4)
    .put(DATA, 1, 4)
    .put(DATA + 8, 32, 8)
    .put(DATA + 16, at, 8)
    .put(at, table, 8)
    .put(at + 8, 1, 4)
    .put(at + 16, 1, 1)
    .put(at + 17, 16, 1)
    .put(at + 18, 1, 2)
    .put(at + 24, 0x61, 1)
    .put(table, bits, 8);
}

/** More L1 entries than the file has clusters, all with one table. */
function sharedTables(v: Qcow2Victim): Qcow2Victim {
  const tables = v.bytes.length / v.cluster + 1;
  const table = v.entry(v.l1);
  for (let i = 0; i < tables; i++) v.put(v.l1 + i * 8, table, 8);
  return v.put(24, tables * (v.cluster / 8) * v.cluster, 8).put(36, tables, 4);
}

/** Adds a snapshot whose L1 table does not begin at a cluster. */
function brokenSnapshot(v: Qcow2Victim): Qcow2Victim {
  const table = v.grow(1);
  return v
    .put(60, 1, 4)
    .put(64, table, 8)
    .put(table, 77, 8)
    .put(table + 8, 1, 4);
}

const name = (v: Qcow2Victim): number => Number(v.entry(8));

export const QCOW2_MAKERS: Readonly<Record<string, Maker>> = {
  'qcow2.signature': ['dynamic', (v) => v.put(0, 0x51464900, 4)],
  'qcow2.version': ['dynamic', (v) => v.put(4, 4, 4)],
  'qcow2.truncated': ['dynamic', (v) => v.cut(103)],
  'qcow2.feature.unknown': ['dynamic', (v) => v.put(72, 32, 8)],
  'qcow2.feature.dataFile': ['dynamic', (v) => v.put(72, 4, 8)],
  'qcow2.feature.corrupt': ['dynamic', (v) => v.put(72, 2, 8)],
  'qcow2.feature.dirty': ['dynamic', (v) => v.put(72, 1, 8)],
  'qcow2.encrypted': ['dynamic', (v) => v.put(32, 2, 4)],
  'qcow2.header.clusterBits': ['dynamic', (v) => v.put(20, 22, 4)],
  'qcow2.header.length': ['dynamic', (v) => v.put(100, 96, 4)],
  'qcow2.header.refcountOrder': ['dynamic', (v) => v.put(96, 7, 4)],
  'qcow2.header.compressionMark': ['dynamic', (v) => v.put(104, 1, 1)],
  'qcow2.header.compressionType': ['dynamic', (v) => v.put(72, 8, 8).put(104, 9, 1)],
  'qcow2.header.padding': ['dynamic', (v) => v.put(109, 1, 1)],
  'qcow2.header.extendedClusterBits': ['differencing', (v) => v.put(20, 13, 4)],
  'qcow2.header.size': ['dynamic', (v) => v.put(24, OWNED, 8)],
  'qcow2.header.sizeSectors': ['dynamic', (v) => v.put(24, 2 ** 20 - 1, 8)],
  'qcow2.l1.size': ['dynamic', (v) => v.put(36, 0, 4)],
  'qcow2.l1.place': ['dynamic', (v) => v.put(40, 0x10001, 8)],
  'qcow2.l1.reserved': ['dynamic', (v) => v.put(v.l1, v.entry(v.l1) | 1n, 8)],
  'qcow2.l1.alignment': ['dynamic', (v) => v.put(v.l1, v.entry(v.l1) + 512n, 8)],
  'qcow2.l1.beyond': ['dynamic', (v) => v.put(v.l1, OWNED | BigInt(v.bytes.length), 8)],
  'qcow2.l1.shared': ['dynamic', sharedTables],
  'qcow2.l2.reserved': ['dynamic', (v) => v.put(v.l2, v.entry(v.l2) | 2n, 8)],
  'qcow2.l2.compressed': [
    'dynamic',
    (v) => v.put(v.l2, (OWNED >> 1n) | BigInt(v.bytes.length + 9), 8),
  ],
  'qcow2.l2.zeroFlag': ['dynamic', (v) => v.put(4, 2, 4).put(v.l2, v.entry(v.l2) | 1n, 8)],
  'qcow2.l2.subclusters': [
    'differencing',
    (v) => v.put(v.l2 + 8, v.entry(v.l2 + 8) | (1n << 32n), 8),
  ],
  'qcow2.l2.offset': ['differencing', (v) => v.put(v.l2, 0, 8)],
  'qcow2.l2.alignment': ['dynamic', (v) => v.put(v.l2, v.entry(v.l2) + 512n, 8)],
  'qcow2.l2.beyond': ['dynamic', (v) => v.put(v.l2, OWNED | BigInt(v.bytes.length), 8)],
  'qcow2.backing.length': ['differencing', (v) => v.put(16, 1024, 4)],
  'qcow2.backing.place': ['differencing', (v) => v.put(8, 50, 8)],
  'qcow2.backing.text': ['differencing', (v) => v.put(name(v), 0xff, 1)],
  'qcow2.backing.outside': ['differencing', (v) => v.put(name(v), 0x2f, 1)],
  'qcow2.backing.format': ['differencing', (v) => v.put(DATA, 0x78, 1)],
  'qcow2.backing.unformatted': ['differencing', (v) => v.put(EXTENSION, 0x12345678, 4)],
  'qcow2.extension.length': ['dynamic', (v) => v.put(EXTENSION, 5, 4).put(EXTENSION + 4, -8, 4)],
  'qcow2.extension.duplicate': [
    'dynamic',
    (v) => {
      withBitmap(v).put(88, 0, 8);
      v.bytes.copyWithin(DATA + 24, EXTENSION, DATA + 24);
      return v;
    },
  ],
  'qcow2.bitmaps.missing': ['dynamic', (v) => v.put(88, 1, 8)],
  'qcow2.bitmaps.length': ['dynamic', (v) => withBitmap(v).put(EXTENSION + 4, 32, 4)],
  'qcow2.bitmaps.count': ['dynamic', (v) => withBitmap(v).put(DATA, 0, 4)],
  'qcow2.bitmaps.reserved': ['dynamic', (v) => withBitmap(v).put(DATA + 4, 1, 4)],
  'qcow2.bitmaps.place': ['dynamic', (v) => withBitmap(v).put(DATA + 16, 3, 8)],
  'qcow2.bitmaps.entry': ['dynamic', (v) => withBitmap(v).put(directory(v) + 16, 2, 1)],
  'qcow2.bitmaps.table': ['dynamic', (v) => withBitmap(v).put(table(v), 513, 8)],
  'qcow2.bitmaps.ignored': ['dynamic', withBitmap],
  'qcow2.bitmaps.stale': ['dynamic', (v) => withBitmap(v).put(88, 0, 8)],
  'qcow2.snapshots.count': ['dynamic', (v) => v.put(60, 0xffffffff, 4).put(64, v.l1, 8)],
  'qcow2.snapshots.place': ['dynamic', (v) => v.put(60, 1, 4).put(64, 5, 8)],
  'qcow2.snapshots.entry': ['dynamic', brokenSnapshot],
  'qcow2.refcountTable.size': ['dynamic', (v) => v.put(56, 0, 4)],
  'qcow2.refcountTable.place': ['dynamic', (v) => v.put(48, 17, 8)],
  'qcow2.refcountTable.entry': [
    'dynamic',
    (v) => v.put(v.refcounts, v.entry(v.refcounts) + 512n, 8),
  ],
  'qcow2.refcount.low': ['dynamic', (v) => v.count(0, 0)],
  'qcow2.refcount.leaked': ['dynamic', (v) => v.put(v.l2, 0, 8)],
  'qcow2.refcount.copied': ['dynamic', (v) => v.put(v.l2, v.entry(v.l2) & ~OWNED, 8)],
  'qcow2.refcount.unchecked': ['dynamic', (v) => v.put(60, 257, 4).put(64, v.grow(1), 8)],
};
