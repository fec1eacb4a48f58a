import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { crc32c } from '../../../src/engine/base/bytes/crc32c.ts';
import type { VolumeInfo } from '../../../src/engine/api/guest/inspection.ts';
import { openDisk } from '../../../src/engine/disk/chain/open-disk.ts';
import { inspectDisk } from '../../../src/engine/guest/inspect-disk.ts';
import { expectations, unpack } from '../../support/disk/corpus-images.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { diskFrom, diskOf, filesOf, readGuest } from '../../support/guest/read-guest.ts';
import { peer } from '../../support/process/peers.ts';

const MIB = 2 ** 20;

/** A volume of zeros with a few fields. */
function volume(fields: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(MIB);
  fields(bytes);
  return bytes;
}

const facts = (found: VolumeInfo | null | undefined): unknown[] => [
  found?.kind,
  found?.name,
  found?.label,
  found?.id,
  found?.size,
  found?.dirty,
  found?.encrypted,
];

const UUID = '00010203-0405-0607-0809-0a0b0c0d0e0f';
const uuidBytes = Buffer.from(UUID.replaceAll('-', ''), 'hex');

/** Superblocks for which no tool is here, field by field from their specifications. */
const VOLUMES: Readonly<Record<string, readonly [Buffer, readonly unknown[]]>> = {
  XFS: [
    volume((b) => {
      b.write('XFSB');
      b.writeUInt32BE(4096, 4);
      b.writeBigUInt64BE(200n, 8);
      uuidBytes.copy(b, 32);
      b.write('data', 108);
    }),
    ['xfs', 'XFS', 'data', UUID, 200 * 4096, null, false],
  ],
  Btrfs: [
    volume((b) => {
      const sb = b.subarray(65_536, 65_536 + 4096);
      uuidBytes.copy(sb, 32);
      sb.write('_BHRfS_M', 64);
      sb.writeBigUInt64LE(1n, 96);
      sb.writeBigUInt64LE(500_000n, 112);
      sb.write('pool', 299);
      sb.writeUInt32LE(crc32c(sb.subarray(32)), 0);
    }),
    ['btrfs', 'Btrfs', 'pool', UUID, 500_000, true, false],
  ],
  'LUKS 1': [
    volume((b) => {
      b.write('LUKS\xba\xbe\0\x01', 'latin1');
      b.write(UUID, 168);
    }),
    ['luks', 'LUKS 1', null, UUID, null, null, true],
  ],
  'LUKS 2': [
    volume((b) => {
      b.write('LUKS\xba\xbe\0\x02', 'latin1');
      b.write('secret', 24);
      b.write(UUID, 168);
    }),
    ['luks', 'LUKS 2', 'secret', UUID, null, null, true],
  ],
  BitLocker: [
    volume((b) => b.write('\xeb\x58\x90-FVE-FS-', 'latin1')),
    ['bitlocker', 'BitLocker', null, null, null, null, true],
  ],
  ReFS: [
    volume((b) => {
      b.write('ReFS', 3);
      b.write('FSRS', 16);
      b.writeBigUInt64LE(2000n, 24);
      b.writeUInt32LE(512, 32);
      b.writeUInt32LE(8, 36);
      b[40] = 3;
      b[41] = 4;
      b.writeBigUInt64LE(0xabcn, 56);
    }),
    ['refs', 'ReFS 3.4', null, '0000000000000ABC', 1_024_000, null, false],
  ],
  exFAT: [
    volume((b) => {
      b.write('EXFAT   ', 3);
      b.writeBigUInt64LE(2000n, 72);
      b.writeUInt32LE(100, 88);
      b.writeUInt32LE(2, 96);
      b.writeUInt32LE(0x1234_abcd, 100);
      b.writeUInt16LE(2, 106);
      b[108] = 9;
      b[109] = 3;
      b.set([0x83, 4], 51_200);
      b.write('Card', 51_202, 'utf16le');
    }),
    ['exfat', 'exFAT', 'Card', '1234-ABCD', 1_024_000, true, false],
  ],
  'Linux RAID': [
    volume((b) => {
      b.writeUInt32LE(0xa92b_4efc, 4096);
      b.writeUInt32LE(1, 4100);
      uuidBytes.copy(b, 4112);
      b.write('host:0', 4128);
    }),
    ['raid', 'Linux RAID member', 'host:0', UUID, null, null, false],
  ],
  'a dynamic disk': [
    volume((b) => {
      b.write('PRIVHEAD', 3072);
      b.write(UUID, 3072 + 48);
      b.write('Group0', 3072 + 240);
    }),
    ['dynamic', 'Windows dynamic disk', 'Group0', UUID, null, null, false],
  ],
};

for (const [name, [bytes, expected]] of Object.entries(VOLUMES)) {
  test(`a whole disk is recognised: ${name}`, async () => {
    const { table, partitions } = await inspectDisk(diskOf(bytes), never);
    assert.equal(table, null);
    assert.deepEqual([partitions.length, partitions[0]?.number], [1, 0]);
    assert.deepEqual(facts(partitions[0]?.volume), expected);
    // Any byte of the superblock may be wrong: never an exception.
    for (let at = 0; at < 4096; at += 23) {
      const spoilt = Buffer.from(bytes);
      spoilt[at] = (spoilt[at] as number) ^ 0xff;
      await inspectDisk(diskOf(spoilt), never);
    }
  });
}

test('a swap area is recognised as mkswap made it', async (t) => {
  const mkswap = peer(t, 'mkswap');
  if (!mkswap) return;
  const image = join(await temporaryFolder(t), 'image');
  writeFileSync(image, '', { mode: 0o600 });
  truncateSync(image, MIB);
  execFileSync(mkswap, ['-L', 'swap', '-U', UUID, image], { stdio: 'pipe' });
  const { partitions } = await inspectDisk(diskFrom(image), never);
  const expected = ['swap', 'Linux swap', 'swap', UUID, MIB, null, false];
  assert.deepEqual(facts(partitions[0]?.volume), expected);
});

/** An MBR with one partition at 1 MiB. */
function partitioned(type: number, contents: Buffer): Buffer {
  const disk = Buffer.concat([Buffer.alloc(MIB), contents]);
  disk[450] = type;
  disk.writeUInt32LE(2048, 454);
  disk.writeUInt32LE(contents.length / 512, 458);
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
}

test('a partition tells what it holds, and what is empty stays unnamed', async () => {
  const [xfs] = VOLUMES['XFS'] ?? [];
  assert.ok(xfs);
  const full = await inspectDisk(diskOf(partitioned(0x83, xfs)), never);
  assert.deepEqual([full.table, full.partitions[0]?.volume?.kind], ['mbr', 'xfs']);
  const empty = await inspectDisk(diskOf(partitioned(0x83, Buffer.alloc(MIB))), never);
  assert.equal(empty.partitions[0]?.volume, null);
  const dynamic = await inspectDisk(diskOf(partitioned(0x42, Buffer.alloc(MIB))), never);
  assert.equal(dynamic.partitions[0]?.volume?.kind, 'dynamic');
});

test('a file system that is larger than its partition is a warning', async () => {
  const xfs = volume((b) => {
    b.write('XFSB');
    b.writeUInt32BE(4096, 4);
    b.writeBigUInt64BE(99_999n, 8);
  });
  const { warnings } = await inspectDisk(diskOf(partitioned(0x83, xfs)), never);
  assert.match(warnings[0]?.message ?? '', /smaller than its file system/);
});

test('labels cannot carry control characters', async () => {
  const xfs = volume((b) => {
    b.write('XFSB');
    b.writeUInt32BE(4096, 4);
    b.write('a\x1b[2Jb', 108);
  });
  const { partitions } = await inspectDisk(diskOf(xfs), never);
  assert.equal(partitions[0]?.volume?.label, 'a\ufffd[2Jb');
});

test('an unreadable part of the disk is a warning, and hides no other partition', async () => {
  const [xfs] = VOLUMES['XFS'] ?? [];
  assert.ok(xfs);
  const bytes = Buffer.concat([partitioned(0x83, xfs), xfs]);
  bytes.set(bytes.subarray(446, 462), 462);
  bytes.writeUInt32LE(4096, 470);
  const disk = diskOf(bytes);
  const failing = {
    ...disk,
    read: async (offset: number, into: Uint8Array, signal: AbortSignal) => {
      // Past the end of the disk, as a truncated image has it.
      const from = offset === MIB ? disk.size : offset;
      await disk.read(from, into, signal);
    },
  };
  const { partitions, warnings } = await inspectDisk(failing, never);
  assert.deepEqual(
    partitions.map((each) => each.volume?.kind),
    [undefined, 'xfs'],
  );
  assert.equal(warnings[0]?.code, 'source.range');
});

test('the corpus: swap, LVM, ext2 and partitions that Windows made', async (t) => {
  const images = await expectations(t);
  if (images === undefined) return;
  const known: Readonly<Record<string, string>> = {
    'ltr-swap.vhdx': 'null 0:swap',
    'ltr-lvm2.vhdx': 'gpt 1:lvm',
    'dfvfs-ext2.vhd': 'null 0:ext2',
    'test-disk2vhd.vhdx': 'mbr 1:null',
    'iotest-dynamic-1G.vhdx': 'null ',
  };
  for (const [name, expected] of Object.entries(known)) {
    const record = images.all.find(([each]) => each === name);
    assert.ok(record, name);
    const { disk } = await openDisk(await unpack(images, ...record), {}, never);
    const { table, partitions } = await inspectDisk(disk, never);
    await disk.close();
    const text = partitions.map((each) => `${each.number}:${each.volume?.kind ?? null}`).join(' ');
    assert.equal(`${table} ${text}`, expected, name);
  }
});

test('mutated file systems never give anything but coded errors', async (t) => {
  const [mke2fs, mkntfs, mkfat] = ['mke2fs', 'mkfs.ntfs', 'mkfs.vfat'].map((name) => peer(t, name));
  if (!mke2fs || !mkntfs || !mkfat) return;
  const folder = await temporaryFolder(t);
  const make = (name: string, size: number, run: (image: string) => void): Buffer => {
    const image = join(folder, name);
    writeFileSync(image, '');
    truncateSync(image, size);
    run(image);
    return readFileSync(image);
  };
  const made = [
    make('ext', MIB, (image) => execFileSync(mke2fs, ['-q', '-t', 'ext4', '-F', image])),
    make('ntfs', 2 * MIB, (image) =>
      execFileSync(mkntfs, ['-F', '-Q', '-q', image], { stdio: 'pipe' }),
    ),
    make('fat', MIB, (image) => execFileSync(mkfat, [image], { stdio: 'pipe' })),
  ];
  for (const bytes of made) await fuzz(bytes);
});

async function fuzz(bytes: Buffer): Promise<void> {
  let state = 5;
  const random = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const used = Array.from({ length: bytes.length / 512 }, (_, i) => i * 512).filter((at) =>
    bytes.subarray(at, at + 512).some((byte) => byte !== 0 && byte !== 0xff),
  );
  for (let run = 0; run < 150; run++) {
    const spoilt = Buffer.from(bytes);
    for (let i = 0; i < 4; i++) {
      spoilt[(used[random(used.length)] as number) + random(512)] = [0, 0xff, 0x80, 1][
        random(4)
      ] as number;
    }
    try {
      await readGuest(await filesOf(diskOf(spoilt)));
    } catch (error) {
      assert.match(String((error as { code?: unknown }).code), /^guest\./, String(error));
    }
  }
}
