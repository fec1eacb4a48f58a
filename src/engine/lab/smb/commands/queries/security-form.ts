import { Buffer } from 'node:buffer';
import { written } from '../../../../net/smb/codec/protocol/body.ts';
import { FULL_ACCESS } from '../../files/access-masks.ts';

/*
 * Self-relative security descriptor (MS-DTYP 2.4.6): u8 1, u8 0, u16 control, u32 offsets of owner, group,
 * system list and list; the parts. Administrators own everything and have all rights; nobody else has any.
 */

/** S-1-5-32-544. */
const ADMINISTRATORS = sid(32, 544);
const HEAD = 20;
const SELF_RELATIVE = 0x8000;
const LIST_PRESENT = 4;

const OWNER = 1;
const GROUP = 2;
const LIST = 4;

/** @param parts which parts are asked for (MS-SMB2 2.2.37 AdditionalInformation) */
export function securityDescriptor(parts: number): Buffer {
  const list = accessList();
  const has = (part: number): boolean => (parts & part) !== 0;
  const pieces: readonly Buffer[] = [
    has(OWNER) ? ADMINISTRATORS : Buffer.alloc(0),
    has(GROUP) ? ADMINISTRATORS : Buffer.alloc(0),
    has(LIST) ? list : Buffer.alloc(0),
  ];
  const offsets: number[] = [];
  let end = HEAD;
  for (const { length } of pieces) {
    offsets.push(length === 0 ? 0 : end);
    end += length;
  }
  const [owner = 0, group = 0, rights = 0] = offsets;
  return written(end, (to) => {
    to.u8(1)
      .u8(0)
      .u16(SELF_RELATIVE | (has(LIST) ? LIST_PRESENT : 0));
    to.u32(owner).u32(group).u32(0).u32(rights);
    for (const piece of pieces) to.put(piece);
  });
}

/** One entry: all rights for the administrators. */
function accessList(): Buffer {
  const entry = 8 + ADMINISTRATORS.length;
  return written(8 + entry, (to) => {
    to.u8(2)
      .u8(0)
      .u16(8 + entry)
      .u16(1)
      .u16(0);
    to.u8(0).u8(0).u16(entry).u32(FULL_ACCESS).put(ADMINISTRATORS);
  });
}

/** SID of the authority 5 with these numbers. */
function sid(...numbers: readonly number[]): Buffer {
  return written(8 + 4 * numbers.length, (to) => {
    to.u8(1)
      .u8(numbers.length)
      .put(Buffer.from([0, 0, 0, 0, 0, 5]));
    for (const number of numbers) to.u32(number);
  });
}
