import { crc32c } from '../../base/bytes/crc32c.ts';
import { utf8Label } from '../bytes/text.ts';
import { readSuperblock } from '../ext/superblock.ts';
import { UNKNOWN, type Recognise } from './recognition.ts';

/** ext2, ext3 and ext4: the superblock of their reader. */
export const recogniseExt: Recognise = async (head) => {
  const found = readSuperblock(head.part(1024, 1024));
  if (found === undefined) return undefined;
  const { name, label, id, size, blockSize, dirty, problem } = found;
  const browsable = problem === null;
  return { kind: name, name, label, id, size, blockSize, dirty, encrypted: false, browsable };
};

/**
 * XFS ("XFS Algorithms & Data Structures", superblocks; big-endian): "XFSB", block size at 4, blocks
 * at 8, UUID at 32, label at 108. Only its log tells whether it was unmounted.
 */
export const recogniseXfs: Recognise = async (head) => {
  const blockSize = head.be32(4);
  if (!head.has(0, 'XFSB') || blockSize < 512 || blockSize > 65_536) return undefined;
  const [id, label] = [head.uuid(32), utf8Label(head.slice(108, 12))];
  return {
    ...UNKNOWN,
    kind: 'xfs',
    name: 'XFS',
    label,
    id,
    size: head.be64(8) * blockSize,
    blockSize,
  };
};

const BTRFS = 64 * 1024;
/** A superblock with a wrong checksum is not taken for one; other checksums are not checked. */
const CRC32C = 0;

/**
 * Btrfs (btrfs.readthedocs.io, "On-disk format", superblock at 64 KiB): checksum at 0, UUID at 32,
 * "_BHRfS_M" at 64, log tree at 96, size at 112, sector size at 144, checksum type at 196, label at
 * 299. A log tree is replayed by the next mount.
 */
export const recogniseBtrfs: Recognise = async (head) => {
  const sb = head.part(BTRFS, 4096);
  if (!sb.has(64, '_BHRfS_M')) return undefined;
  if (sb.u16(196) === CRC32C && crc32c(sb.slice(32, 4096 - 32)) !== sb.u32(0)) return undefined;
  return {
    ...UNKNOWN,
    kind: 'btrfs',
    name: 'Btrfs',
    label: utf8Label(sb.slice(299, 256)),
    id: sb.uuid(32),
    size: sb.u64(112),
    blockSize: sb.u32(144),
    dirty: sb.u64(96) !== 0,
  };
};
