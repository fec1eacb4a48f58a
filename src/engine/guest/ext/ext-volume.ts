import type { Fields } from '../bytes/fields.ts';
import { readFields, type GuestBytes } from '../bytes/guest-bytes.ts';
import { guestError } from '../bytes/guest-errors.ts';
import type { Superblock } from './superblock.ts';

/** An ext volume: reads blocks and inodes. */
export class ExtVolume {
  readonly sb: Superblock;
  /** Cached, for metadata. */
  readonly metadata: GuestBytes;
  readonly contents: GuestBytes;

  constructor(sb: Superblock, metadata: GuestBytes, contents: GuestBytes) {
    this.sb = sb;
    this.metadata = metadata;
    this.contents = contents;
  }

  /** Reads a block of metadata. Throws `guest.damaged` outside of the volume. */
  block(number: number, what: string, signal: AbortSignal): Promise<Fields> {
    const { blockSize } = this.sb;
    return readFields(this.metadata, number * blockSize, blockSize, what, signal);
  }

  /**
   * Reads an inode ("ext4 Data Structures", block group descriptors: inode table at 8, and 40 if it
   * has 64 bytes). Throws `guest.damaged`.
   */
  async inode(number: number, signal: AbortSignal): Promise<Fields> {
    const { sb } = this;
    if (number < 1 || number > sb.inodes) {
      throw guestError(
        'guest.damaged',
        `Inode ${number} does not exist: the volume has ${sb.inodes}`,
        {
          data: { found: number, expected: sb.inodes },
        },
      );
    }
    const group = Math.floor((number - 1) / sb.inodesPerGroup);
    const index = (number - 1) % sb.inodesPerGroup;
    const at = this.#descriptorAt(group);
    const what = `Descriptor of block group ${group}`;
    const descriptor = await readFields(this.metadata, at, sb.descriptorSize, what, signal);
    const high = sb.descriptorSize >= 64 ? descriptor.u32(40) : 0;
    const table = (descriptor.u32(8) + high * 2 ** 32) * sb.blockSize;
    const place = table + index * sb.inodeSize;
    return readFields(this.metadata, place, sb.inodeSize, `Inode ${number}`, signal);
  }

  /** Returns the offset of a descriptor: behind the superblock, or in its meta block group. */
  #descriptorAt(group: number): number {
    const { blockSize, descriptorSize, firstBlock, blocksPerGroup, hasBackup } = this.sb;
    const perBlock = Math.floor(blockSize / descriptorSize);
    const index = Math.floor(group / perBlock);
    const inBlock = (group % perBlock) * descriptorSize;
    if (!this.sb.metaGroups || index < this.sb.firstMetaGroup) {
      return (firstBlock + 1 + index) * blockSize + inBlock;
    }
    const first = index * perBlock;
    const block = firstBlock + first * blocksPerGroup + (hasBackup(first) ? 1 : 0);
    return block * blockSize + inBlock;
  }
}
