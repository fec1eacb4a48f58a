import type { Fields } from '../bytes/fields.ts';
import { guestError } from '../bytes/guest-errors.ts';
import { nameFromUtf8 } from '../bytes/text.ts';

export interface ExtEntry {
  readonly inode: number;
  readonly name: string;
}

/**
 * Returns the entries of one block of a folder ("ext4 Data Structures", directory entries): 0 inode
 * (0: unused), 4 length of the entry, 6 length of the name, 8 name. Blocks of a hash tree look like
 * unused entries, so folders are read from their first block to their last. Throws `guest.damaged`.
 * @param from offset of the first entry
 */
export function entriesOf(block: Fields, from = 0): ExtEntry[] {
  const found: ExtEntry[] = [];
  for (let at = from; at + 8 <= block.length;) {
    const [inode, length, nameLength] = [block.u32(at), entryLength(block, at), block.u8(at + 6)];
    if (length < 8 || length % 4 !== 0 || at + length > block.length || nameLength + 8 > length) {
      throw guestError('guest.damaged', `${block.what} has an entry of ${length} bytes at ${at}`, {
        data: { what: block.what, offset: at, found: length },
      });
    }
    if (inode !== 0 && nameLength > 0) {
      const name = nameFromUtf8(block.slice(at + 8, nameLength));
      if (name !== '.' && name !== '..') found.push({ inode, name });
    }
    at += length;
  }
  return found;
}

/** Blocks of 64 KiB do not fit into 16 bits: 0 and 65535 are the whole block. */
function entryLength(block: Fields, at: number): number {
  const length = block.u16(at + 4);
  const isWhole = block.length >= 65_536 && (length === 0 || length === 65_535);
  return isWhole ? block.length - at : length;
}
