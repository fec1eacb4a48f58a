import { Fields } from '../bytes/fields.ts';
import { guestError } from '../bytes/guest-errors.ts';

const SECTOR = 512;

/**
 * Returns a record of NTFS with the last two bytes of each sector put back (linux-ntfs, "Fixup"): 0
 * signature, 4 offset of the update sequence, 6 its length in words. Throws `guest.damaged` for
 * another signature, and for a record of which only a part was written.
 */
export function fixedUp(record: Fields, signature: 'FILE' | 'INDX'): Fields {
  if (!record.has(0, signature)) throw damaged(record, `does not begin with ${signature}`);
  const [start, words] = [record.u16(4), record.u16(6)];
  if (words !== record.length / SECTOR + 1) throw damaged(record, `has ${words} fixups`);
  const bytes = Uint8Array.from(record.bytes);
  const [low, high] = record.slice(start, words * 2);
  for (let i = 1; i < words; i++) {
    const at = i * SECTOR - 2;
    if (bytes[at] !== low || bytes[at + 1] !== high) throw damaged(record, 'was torn by a crash');
    bytes.set(record.slice(start + i * 2, 2), at);
  }
  return new Fields(bytes, record.what);
}

const damaged = (record: Fields, defect: string): Error =>
  guestError('guest.damaged', `${record.what} ${defect}`, { data: { what: record.what } });
