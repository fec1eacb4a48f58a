import { readFields, type GuestBytes } from '../bytes/guest-bytes.ts';
import { guestError } from '../bytes/guest-errors.ts';

/** Windows allows lists of 256 KiB. */
const MAX_BYTES = 256 * 1024;

/**
 * Returns the numbers of the extension records that an attribute list names (linux-ntfs,
 * "$ATTRIBUTE_LIST"): 0 type, 4 length of the entry, 16 reference of the record. Throws
 * `guest.damaged`, `guest.limit`.
 * @param base number of the record that has the list
 */
export async function listedRecords(
  list: GuestBytes,
  base: number,
  signal: AbortSignal,
): Promise<ReadonlySet<number>> {
  const { size, name } = list;
  if (size > MAX_BYTES) {
    throw guestError('guest.limit', `${name} has an attribute list of ${size} bytes`, {
      data: { found: size, expected: MAX_BYTES },
    });
  }
  const fields = await readFields(list, 0, size, `Attribute list of ${name}`, signal);
  const records = new Set<number>();
  for (let at = 0; at + 26 <= size;) {
    const length = fields.u16(at + 4);
    if (length < 26 || at + length > size) {
      throw guestError('guest.damaged', `${fields.what} has an entry of ${length} bytes`, {
        data: { what: fields.what, offset: at, found: length },
      });
    }
    const number = Number(fields.big(at + 16) & 0xffff_ffff_ffffn);
    if (number !== base) records.add(number);
    at += length;
  }
  return records;
}
