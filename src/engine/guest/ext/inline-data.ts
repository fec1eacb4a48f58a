import type { Fields } from '../bytes/fields.ts';
import { guestError } from '../bytes/guest-errors.ts';
import type { Inode } from './inode.ts';

const MAP_BYTES = 60;
const BODY = 128;
const MAGIC = 0xea02_0000;
/** Index of the prefix "system." of attribute names. */
const SYSTEM = 7;

/**
 * Returns contents that lie in the inode: 60 bytes in place of the block map, and the rest in the
 * extended attribute "system.data" behind the inode ("ext4 Data Structures", inline data). Throws
 * `guest.damaged` if they are shorter than the size.
 */
export function inlineData(fields: Fields, { map, bytes }: Inode): Uint8Array {
  const rest = bytes > MAP_BYTES ? systemData(fields) : new Uint8Array(0);
  if (bytes > MAP_BYTES + rest.length) {
    const found = MAP_BYTES + rest.length;
    throw guestError('guest.damaged', `${fields.what} holds ${found} of its ${bytes} bytes`, {
      data: { what: fields.what, found, expected: bytes },
    });
  }
  const all = new Uint8Array(MAP_BYTES + rest.length);
  all.set(map.bytes);
  all.set(rest, MAP_BYTES);
  return all.subarray(0, bytes);
}

/** Entry of an attribute: 0 length of its name, 1 prefix, 2 offset of the value, 8 its size. */
function systemData(fields: Fields): Uint8Array {
  const start = fields.length > BODY ? BODY + fields.u16(BODY) : fields.length;
  if (start + 4 > fields.length || fields.u32(start) !== MAGIC) return new Uint8Array(0);
  const first = start + 4;
  for (let at = first; at + 16 <= fields.length && fields.u32(at) !== 0;) {
    const nameLength = fields.u8(at);
    if (fields.u8(at + 1) === SYSTEM && fields.ascii(at + 16, nameLength) === 'data') {
      return fields.slice(first + fields.u16(at + 2), fields.u32(at + 8));
    }
    at += 16 + Math.ceil(nameLength / 4) * 4;
  }
  return new Uint8Array(0);
}
