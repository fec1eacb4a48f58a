import type { Fields } from '../bytes/fields.ts';
import { utf8Label } from '../bytes/text.ts';

/*
 * Superblock of ext2, ext3 and ext4 (kernel.org, "ext4 Data Structures and Algorithms", super
 * block), 1024 bytes at 1024. Every field is little-endian:
 *
 *   0 inodes   4 blocks, low   20 first data block   24 log2(block size) - 10   32 blocks per group
 *   40 inodes per group   56 EF53   58 state (1: clean, 2: errors)   76 revision   88 inode size
 *   92, 96, 100 features: compatible, incompatible, read-only   104 UUID   120 label
 *   254 size of a group descriptor   260 first meta block group   336 blocks, high
 *   588 the two groups with backups (sparse_super2)
 */
const MAGIC = 0xef53;
const CLEAN = 0x1;
const ERRORS = 0x2;

const HAS_JOURNAL = 0x4;
const SPARSE_SUPER2 = 0x200;

const RECOVER = 0x4;
const JOURNAL_DEVICE = 0x8;
const META_BG = 0x10;
const WIDE = 0x80;
/**
 * Incompatible features that this reader knows: compression is not one of them. File types, recover,
 * meta_bg, extents, 64bit, mmp, flex_bg, ea_inode, csum_seed, large_dir, inline_data, encrypt,
 * casefold.
 */
const KNOWN =
  0x2 |
  RECOVER |
  META_BG |
  0x40 |
  WIDE |
  0x100 |
  0x200 |
  0x400 |
  0x2000 |
  0x4000 |
  0x8000 |
  0x10000 |
  0x20000;
/** Features that only ext4 has. */
const EXT4_INCOMPATIBLE =
  0x40 | WIDE | 0x100 | 0x200 | 0x400 | 0x2000 | 0x4000 | 0x8000 | 0x10000 | 0x20000;
const EXT4_READ_ONLY = 0x8 | 0x10 | 0x20 | 0x40 | 0x200 | 0x400;
const SPARSE_SUPER = 0x1;

export interface Superblock {
  readonly name: 'ext2' | 'ext3' | 'ext4';
  readonly label: string | null;
  readonly id: string;
  readonly size: number;
  readonly dirty: boolean;
  /** Reason why its files are not read; null if they are. */
  readonly problem: string | null;
  readonly blockSize: number;
  readonly blocks: number;
  readonly inodes: number;
  readonly inodeSize: number;
  readonly inodesPerGroup: number;
  readonly blocksPerGroup: number;
  readonly firstBlock: number;
  readonly descriptorSize: number;
  readonly firstMetaGroup: number;
  readonly metaGroups: boolean;
  /** Whether a group begins with a copy of the superblock. */
  readonly hasBackup: (group: number) => boolean;
}

/** Decodes the superblock; undefined if it is not one. */
export function readSuperblock(sb: Fields): Superblock | undefined {
  const logSize = sb.u32(24);
  if (sb.u16(56) !== MAGIC || logSize > 6) return undefined;
  const [compatible, incompatible, readOnly] = [sb.u32(92), sb.u32(96), sb.u32(100)];
  const blockSize = 1024 * 2 ** logSize;
  const revised = sb.u32(76) >= 1;
  const inodeSize = revised ? sb.u16(88) : 128;
  const wide = (incompatible & WIDE) !== 0;
  const descriptorSize = wide ? Math.max(64, sb.u16(254)) : 32;
  const blocks = sb.u32(4) + (wide ? sb.u32(336) * 2 ** 32 : 0);
  const [inodesPerGroup, blocksPerGroup] = [sb.u32(40), sb.u32(32)];
  const sane =
    inodeSize >= 128 &&
    inodeSize <= blockSize &&
    descriptorSize <= blockSize &&
    inodesPerGroup > 0 &&
    blocksPerGroup > 0 &&
    sb.u32(20) <= 1;
  if (!sane || !Number.isSafeInteger(blocks * blockSize)) return undefined;
  const [unknown, state] = [incompatible & ~KNOWN & ~JOURNAL_DEVICE, sb.u16(58)];
  const ext4 = (incompatible & EXT4_INCOMPATIBLE) !== 0 || (readOnly & EXT4_READ_ONLY) !== 0;
  const journal = (compatible & HAS_JOURNAL) !== 0;
  return {
    name: ext4 ? 'ext4' : journal ? 'ext3' : 'ext2',
    label: utf8Label(sb.slice(120, 16)),
    id: sb.uuid(104),
    size: blocks * blockSize,
    dirty: (state & CLEAN) === 0 || (state & ERRORS) !== 0 || (incompatible & RECOVER) !== 0,
    problem: problemOf(unknown >>> 0, (incompatible & JOURNAL_DEVICE) !== 0),
    blockSize,
    blocks,
    inodes: sb.u32(0),
    inodeSize,
    inodesPerGroup,
    blocksPerGroup,
    firstBlock: sb.u32(20),
    descriptorSize,
    firstMetaGroup: sb.u32(260),
    metaGroups: (incompatible & META_BG) !== 0,
    hasBackup: backupsOf(sb, (compatible & SPARSE_SUPER2) !== 0, (readOnly & SPARSE_SUPER) !== 0),
  };
}

function problemOf(unknown: number, journalOnly: boolean): string | null {
  if (journalOnly) return 'The volume is the journal of another one';
  if (unknown === 0) return null;
  return `The volume has unknown incompatible features 0x${unknown.toString(16)}`;
}

function backupsOf(sb: Fields, sparse2: boolean, sparse: boolean): (group: number) => boolean {
  if (sparse2) {
    const named = [0, sb.u32(588), sb.u32(592)];
    return (group) => named.includes(group);
  }
  if (!sparse) return () => true;
  return (group) => group <= 1 || [3, 5, 7].some((base) => isPower(group, base));
}

function isPower(value: number, base: number): boolean {
  let power = base;
  while (power < value) power *= base;
  return power === value;
}
