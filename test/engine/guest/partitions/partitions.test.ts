import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../support/checks/properties.ts';
import { guidToBytes, newGuid, parseGuid } from '../../../../src/engine/base/guid.ts';
import { crc32 } from '../../../../src/engine/guest/bytes/crc32.ts';
import { readPartitions } from '../../../../src/engine/guest/partitions/read-partitions.ts';
import type { SectorReader } from '../../../../src/engine/guest/partitions/sectors.ts';

const SECTOR = 512;
const SECTORS = 8192;

function reader(bytes: Buffer, sectorSize = SECTOR): SectorReader {
  return {
    size: bytes.length,
    sectorSize,
    read: async (offset, length) => {
      assert.ok(offset >= 0 && offset + length <= bytes.length, 'reads stay on the disk');
      assert.ok(length <= 2 ** 22, 'reads are bounded');
      return bytes.subarray(offset, offset + length);
    },
  };
}

type MbrEntry = readonly [type: number, first: number, sectors: number];

function writeMbr(disk: Buffer, sector: number, entries: readonly MbrEntry[]): void {
  entries.forEach(([type, first, sectors], i) => {
    const at = sector * SECTOR + 446 + i * 16;
    disk[at + 4] = type;
    disk.writeUInt32LE(first, at + 8);
    disk.writeUInt32LE(sectors, at + 12);
  });
  disk[sector * SECTOR + 510] = 0x55;
  disk[sector * SECTOR + 511] = 0xaa;
}

const LINUX = '0fc63daf-8483-4772-8e79-3d69d8477de4';

interface GptEntry {
  readonly type: string;
  readonly first: number;
  readonly last: number;
  readonly name: string;
}

/** A table as UEFI 2.10 section 5.3 has it, with its backup; `spoil` changes the first header before its checksum. */
function gptDisk(entries: readonly GptEntry[], spoil?: (header: Buffer) => void): Buffer {
  const disk = Buffer.alloc(SECTORS * SECTOR);
  writeMbr(disk, 0, [[0xee, 1, SECTORS - 1]]);
  const table = Buffer.alloc(128 * 128);
  entries.forEach(({ type, first, last, name }, i) => {
    const at = i * 128;
    table.set(guidToBytes(parseGuid(type)), at);
    table.set(guidToBytes(newGuid()), at + 16);
    table.writeBigUInt64LE(BigInt(first), at + 32);
    table.writeBigUInt64LE(BigInt(last), at + 40);
    table.write(name, at + 56, 'utf16le');
  });
  const put = (
    lba: number,
    other: number,
    entriesAt: number,
    change?: (h: Buffer) => void,
  ): void => {
    const header = Buffer.alloc(92);
    header.write('EFI PART', 'latin1');
    header.writeUInt32LE(0x10000, 8);
    header.writeUInt32LE(92, 12);
    header.writeBigUInt64LE(BigInt(lba), 24);
    header.writeBigUInt64LE(BigInt(other), 32);
    header.writeBigUInt64LE(BigInt(entriesAt), 72);
    header.writeUInt32LE(128, 80);
    header.writeUInt32LE(128, 84);
    header.writeUInt32LE(crc32(table), 88);
    change?.(header);
    header.writeUInt32LE(crc32(header), 16);
    header.copy(disk, lba * SECTOR);
    table.copy(disk, entriesAt * SECTOR);
  };
  put(SECTORS - 1, 1, SECTORS - 33);
  put(1, SECTORS - 1, 2, spoil);
  return disk;
}

const ENTRIES: readonly GptEntry[] = [
  { type: LINUX, first: 4096, last: 5119, name: 'root' },
  { type: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b', first: 2048, last: 4095, name: '' },
];

test('CRC-32 has its check value', () => {
  assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926);
});

test('a GPT is read, sorted by start, with names for people', async () => {
  const { partitions, warnings } = await readPartitions(reader(gptDisk(ENTRIES)));
  assert.deepEqual(warnings, []);
  assert.deepEqual(partitions, [
    { number: 2, start: 2048 * 512, length: 2048 * 512, type: 'EFI System', name: null },
    { number: 1, start: 4096 * 512, length: 1024 * 512, type: 'Linux filesystem', name: 'root' },
  ]);
});

test('a broken first GPT header leaves the backup, with a warning', async () => {
  const disk = gptDisk(ENTRIES);
  disk[SECTOR + 40] = 77;
  const { partitions, warnings } = await readPartitions(reader(disk));
  assert.equal(partitions.length, 2);
  assert.match(warnings[0]?.message ?? '', /wrong checksum.*backup/);
});

test('a damaged backup, or one that is elsewhere or different, is a warning', async () => {
  const damages: readonly (readonly [RegExp, (disk: Buffer) => Buffer])[] = [
    [/backup .* has no signature/i, (disk) => disk.fill(0, (SECTORS - 1) * SECTOR)],
    [/not at the end of the disk/, (disk) => Buffer.concat([disk, Buffer.alloc(64 * SECTOR)])],
    [
      /has entries with a wrong checksum/,
      (disk) => disk.fill(7, (SECTORS - 33) * SECTOR + 40, (SECTORS - 33) * SECTOR + 41),
    ],
  ];
  for (const [expected, damage] of damages) {
    const { partitions, warnings } = await readPartitions(reader(damage(gptDisk(ENTRIES))));
    assert.equal(partitions.length, 2);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]?.message ?? '', expected);
  }
});

test('a GPT counts in the sectors at which its header lies, and a hybrid MBR is named', async () => {
  const disk = gptDisk(ENTRIES);
  const found = await readPartitions(reader(disk, 4096));
  assert.deepEqual([found.table, found.sectorSize, found.partitions.length], ['gpt', 512, 2]);
  assert.equal(found.hybrid, false);
  writeMbr(disk, 0, [
    [0xee, 1, 100],
    [0x07, 2048, 100],
  ]);
  assert.equal((await readPartitions(reader(disk))).hybrid, true);
});

test('hostile GPTs give warnings', async () => {
  const attacks: Readonly<Record<string, (header: Buffer) => void>> = {
    'a count beyond reason': (h) => h.writeUInt32LE(0xffff_ffff, 80),
    'huge entries': (h) => h.writeUInt32LE(0x8000_0000, 84),
    'entries of no size': (h) => h.writeUInt32LE(0, 84),
    'entries elsewhere': (h) => h.writeBigUInt64LE(2n ** 63n, 72),
    'entries past the end': (h) => h.writeBigUInt64LE(BigInt(SECTORS - 2), 72),
    'a header longer than a sector': (h) => h.writeUInt32LE(4096, 12),
    'a header of no size': (h) => h.writeUInt32LE(0, 12),
    'another place': (h) => h.writeBigUInt64LE(9n, 24),
  };
  for (const [name, attack] of Object.entries(attacks)) {
    const disk = gptDisk(ENTRIES, attack);
    disk.fill(0, (SECTORS - 1) * SECTOR);
    const { partitions, warnings } = await readPartitions(reader(disk));
    assert.deepEqual(partitions, [], name);
    assert.equal(warnings.length, 1, name);
  }
});

test('a partition outside the disk is left out, and names are made printable', async () => {
  const disk = gptDisk([
    { type: LINUX, first: 2048, last: 999_999, name: 'far' },
    { type: LINUX, first: 4000, last: 3000, name: 'backwards' },
    { type: LINUX, first: 2048, last: 2049, name: 'a\u0007\u202Eb\uD800' },
  ]);
  const { partitions, warnings } = await readPartitions(reader(disk));
  assert.deepEqual(
    partitions.map(({ name }) => name),
    ['a\uFFFD\uFFFDb\uFFFD'],
  );
  assert.equal(warnings.length, 2);
});

test('an MBR is read with its logical partitions', async () => {
  const disk = Buffer.alloc(SECTORS * SECTOR);
  writeMbr(disk, 0, [
    [0x07, 64, 1000],
    [0x05, 2048, 4096],
  ]);
  writeMbr(disk, 2048, [
    [0x83, 64, 100],
    [0x05, 1024, 500],
  ]);
  writeMbr(disk, 3072, [[0x82, 64, 200]]);
  const { partitions, warnings } = await readPartitions(reader(disk));
  assert.deepEqual(warnings, []);
  assert.deepEqual(
    partitions.map(({ number, start, type }) => [number, start / SECTOR, type]),
    [
      [1, 64, 'NTFS/exFAT (07)'],
      [2, 2048, 'Extended (05)'],
      [5, 2112, 'Linux filesystem (83)'],
      [6, 3136, 'Linux swap (82)'],
    ],
  );
});

test('a list of logical partitions that leads back to itself ends', async () => {
  const disk = Buffer.alloc(SECTORS * SECTOR);
  writeMbr(disk, 0, [[0x0f, 2048, 4096]]);
  writeMbr(disk, 2048, [
    [0x83, 64, 100],
    [0x05, 0, 500],
  ]);
  const { partitions, warnings } = await readPartitions(reader(disk));
  assert.equal(partitions.length, 2);
  assert.match(warnings[0]?.message ?? '', /does not end/);
});

test('disks without a table have no partitions and no warnings', async () => {
  const none = { table: null, hybrid: false, sectorSize: 512, partitions: [], warnings: [] };
  assert.deepEqual(await readPartitions(reader(Buffer.alloc(0))), none);
  assert.deepEqual(await readPartitions(reader(Buffer.alloc(SECTORS * SECTOR))), none);
  const bootSector = Buffer.alloc(SECTORS * SECTOR, 0xeb);
  writeMbr(bootSector, 0, []);
  assert.deepEqual(await readPartitions(reader(bootSector)), none);
});

test('any bytes at all are no reason to fail', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 512, maxLength: 4096 }),
      fc.constantFrom(0x05, 0x0f, 0xee, 0x83),
      async (bytes, type) => {
        const disk = Buffer.concat([bytes, Buffer.alloc(4096)]);
        for (let i = 0; i < 4; i++) disk[446 + i * 16] = 0;
        disk[450] = type;
        disk[510] = 0x55;
        disk[511] = 0xaa;
        const { partitions } = await readPartitions(reader(disk));
        assert.ok(partitions.every(({ start, length }) => start + length <= disk.length));
      },
    ),
  );
});
