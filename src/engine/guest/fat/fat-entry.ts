import type { Fields } from '../bytes/fields.ts';
import { oemText } from './oem-text.ts';

/*
 * Folder entry of 32 bytes: 0 name of 8 and extension of 3 characters (first byte E5: deleted, 00:
 * end, 05 for E5), 11 attributes, 12 case of name and extension (Windows NT: 08h, 10h), 20 high word
 * of the cluster, 22 time, 24 date, 26 low word of the cluster, 28 size.
 *
 * Entries of a long name precede it, last part first: 0 number (40h: the last part), 11 0Fh, 13
 * checksum of the short name, 1, 14 and 28 five, six and two characters of UTF-16.
 */
export const FOLDER = 0x10;
export const LABEL = 0x08;
export const LONG_NAME = 0x0f;

/** A short entry. */
export interface FatEntry {
  readonly shortName: string;
  readonly attributes: number;
  readonly cluster: number;
  readonly size: number;
  /** Local time of the guest, without a zone. */
  readonly modified: string | null;
}

/** Decodes a short entry. */
export function shortEntry(fields: Fields): FatEntry {
  const [cases, attributes] = [fields.u8(12), fields.u8(11)];
  const raw = Uint8Array.from(fields.slice(0, 11));
  if (raw[0] === 0x05) raw[0] = 0xe5;
  const part = (start: number, end: number, lower: boolean): string => {
    const text = oemText(raw.subarray(start, end)).trimEnd();
    return lower ? text.toLowerCase() : text;
  };
  const [name, extension] = [part(0, 8, (cases & 0x08) !== 0), part(8, 11, (cases & 0x10) !== 0)];
  return {
    shortName: extension === '' ? name : `${name}.${extension}`,
    attributes,
    cluster: fields.u16(20) * 65_536 + fields.u16(26),
    size: (attributes & FOLDER) === 0 ? fields.u32(28) : 0,
    modified: localTime(fields.u16(24), fields.u16(22)),
  };
}

/** Returns the text of a label entry, 11 characters. */
export const labelOf = (fields: Fields): string => oemText(fields.slice(0, 11)).trimEnd();

/** Collects the parts of long names, and returns the name that belongs to a short entry. */
export class LongNames {
  #parts: string[] = [];
  #next = 0;
  #checksum = -1;

  add(fields: Fields): void {
    const number = fields.u8(0);
    const index = number & 0x3f;
    if ((number & 0x40) !== 0) this.#start(index, fields.u8(13));
    if (index === 0 || index !== this.#next || fields.u8(13) !== this.#checksum) {
      this.#start(0, -1);
      return;
    }
    this.#parts.unshift(fields.utf16(1, 5) + fields.utf16(14, 6) + fields.utf16(28, 2));
    this.#next--;
  }

  /** Returns the name if all parts came before this entry; undefined otherwise. Starts anew. */
  take(short: Fields): string | undefined {
    const complete = this.#parts.length > 0 && this.#next === 0;
    const fits = complete && this.#checksum === shortChecksum(short.slice(0, 11));
    const text = this.#parts.join('');
    this.#start(0, -1);
    if (!fits) return undefined;
    const end = text.indexOf('\0');
    return end < 0 ? text : text.slice(0, end);
  }

  #start(count: number, checksum: number): void {
    this.#parts = [];
    this.#next = count;
    this.#checksum = checksum;
  }
}

const shortChecksum = (name: Uint8Array): number =>
  name.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);

/** Date: year from 1980 in 7 bits, month 4, day 5. Time: hours 5 bits, minutes 6, two seconds 5. */
function localTime(date: number, time: number): string | null {
  const two = (value: number): string => String(value).padStart(2, '0');
  const [month, day] = [(date >> 5) & 0x0f, date & 0x1f];
  const [hour, minute, second] = [time >> 11, (time >> 5) & 0x3f, (time & 0x1f) * 2];
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return null;
  const days = `${1980 + (date >> 9)}-${two(month)}-${two(day)}`;
  return `${days}T${two(hour)}:${two(minute)}:${two(second)}`;
}
