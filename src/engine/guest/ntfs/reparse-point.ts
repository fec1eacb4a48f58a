import type { Fields } from '../bytes/fields.ts';

/*
 * Reparse point (MS-FSCC 2.1.2): 0 tag, 4 bytes of data, 8 data. Symbolic link: 8 offset and 10
 * length of the substitute name, 12 and 14 of the name to print, names from 20. Mount point: the
 * same, names from 16. Link of the Windows Subsystem for Linux: 4 bytes, then UTF-8.
 */
const SYMLINK = 0xa000_000c;
const MOUNT_POINT = 0xa000_0003;
const LX_SYMLINK = 0xa000_001d;
/** Tags whose data lies elsewhere, with words for people. */
const ELSEWHERE: Readonly<Record<number, string>> = {
  0x8000_0013: 'Windows deduplicated it',
  0x8000_0017: 'Windows compressed it with WOF (compact /exe)',
};
/** Cloud files: OneDrive and Azure File Sync; their tags differ in four bits. */
const CLOUD = 0x9000_001a;

export interface ReparsePoint {
  /** Path of a link; null if it is not one. */
  readonly target: string | null;
  readonly isLink: boolean;
  /** Reason why the file's data is not on this volume as it is; null if it is. */
  readonly elsewhere: string | null;
}

/** Decodes a reparse point. Throws `guest.damaged`. */
export function readReparsePoint(fields: Fields): ReparsePoint {
  const tag = fields.u32(0);
  if (tag === SYMLINK || tag === MOUNT_POINT) {
    const names = tag === SYMLINK ? 20 : 16;
    const printed = fields.utf16(names + fields.u16(12), fields.u16(14) >> 1);
    const target =
      printed === '' ? fields.utf16(names + fields.u16(8), fields.u16(10) >> 1) : printed;
    return { target, isLink: true, elsewhere: null };
  }
  if (tag === LX_SYMLINK) {
    const target = new TextDecoder().decode(fields.slice(12, fields.length - 12));
    return { target, isLink: true, elsewhere: null };
  }
  const isCloud = (tag & 0xffff_0fff) >>> 0 === CLOUD;
  const elsewhere = isCloud ? 'It may be in the cloud only' : (ELSEWHERE[tag] ?? null);
  return { target: null, isLink: false, elsewhere };
}
