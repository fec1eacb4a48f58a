import type { Advice } from './advice-row.ts';
import { ACCEPTS, BACKUP, CONVERT, NOTHING, REBASE, REFUSES, REPAIR, UNKNOWN } from './words.ts';

/** Behaviour with a damaged footer, of which the other copy counts. */
const COPY_SERVES = 'Windows reads the copy at the start if the footer is damaged.';
const FAILS = 'Windows fails when the block is read.';

/** Advice about VHD files. */
export const VHD_ADVICE: Readonly<Record<string, Advice>> = {
  'vhd.truncated': {
    means: 'The file ends before a structure, or before the end of a fixed disk: it was cut off.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhd.footer.none': {
    means: 'The file has no footer, neither at its end nor at its start.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhd.footer.missing': {
    means: 'The footer at the end of the file is missing; its copy at the start is used.',
    windows: COPY_SERVES,
    fix: REPAIR,
  },
  'vhd.footer.short': {
    means: 'The footer has 511 bytes, as Virtual PC before 2004 wrote it.',
    windows: UNKNOWN,
    fix: REPAIR,
  },
  'vhd.footer.copy': {
    means: 'The copy of the footer at the start of the file is missing or damaged.',
    windows: ACCEPTS,
    fix: REPAIR,
  },
  'vhd.footer.differs': {
    means: 'The copy of the footer is valid and has other values than the footer.',
    windows: 'Windows opens the file and uses the footer at its end.',
    fix: REPAIR,
  },
  'vhd.footer.checksum': {
    means: 'The checksum of a footer does not match its bytes.',
    windows: COPY_SERVES,
    fix: REPAIR,
  },
  'vhd.footer.version': {
    means: 'The footer has a version that is not 1.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhd.footer.type': {
    means: 'The disk type is neither fixed nor dynamic nor differencing.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhd.footer.size': {
    means: 'The current size is zero, too large, or not a multiple of 512.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhd.footer.limit': {
    means: 'The disk is larger than 2040 GiB, the most that a dynamic VHD can hold.',
    windows: REFUSES,
    fix: CONVERT,
  },
  'vhd.footer.offset': {
    means: 'The offset of the dynamic header is not possible; in a fixed disk it is not unset.',
    windows: 'Windows refuses to open a dynamic disk. It ignores the field of a fixed one.',
    fix: BACKUP,
  },
  'vhd.footer.features': {
    means: 'A bit of the features that is always set is not set.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhd.footer.savedState': {
    means: 'The disk belongs to a VM in saved state, which may hold data not yet written.',
    windows: ACCEPTS,
    fix: 'Start the VM and shut it down before the disk is used elsewhere.',
  },
  'vhd.footer.reserved': {
    means: 'Reserved bytes of the footer are not zero.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhd.size.geometry': {
    means: 'The geometry gives another size than the current size. Virtual PC and qemu use it.',
    windows: 'Windows uses the current size.',
    fix: 'Tell the other program which size to use: `force_size` of qemu.',
  },
  'vhd.header.signature': {
    means: 'The dynamic header does not begin with its signature.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhd.header.checksum': {
    means: 'The checksum of the dynamic header does not match its bytes.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhd.header.version': {
    means: 'The dynamic header has a version that is not 1.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhd.header.blockSize': {
    means: 'The block size is not a power of two from 512 bytes to 1 GiB.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhd.header.entries': {
    means: 'The BAT has fewer entries than the disk has blocks.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhd.header.bat': {
    means: 'The BAT lies outside the file, or does not begin at a sector.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhd.header.next': {
    means: 'The offset of a next structure, which does not exist, is set.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhd.header.reserved': {
    means: 'Reserved bytes of the dynamic header are not zero.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhd.locator.platform': {
    means: 'A parent locator has an unknown platform code; it is not used.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhd.locator.length': {
    means: 'The text of a parent locator is empty or too long; it is not used.',
    windows: UNKNOWN,
    fix: REBASE,
  },
  'vhd.locator.place': {
    means: 'The text of a parent locator lies outside the file or over the header.',
    windows: UNKNOWN,
    fix: REBASE,
  },
  'vhd.parent.noPath': {
    means: 'Nothing in the file names the parent.',
    windows: REFUSES,
    fix: REBASE,
  },
  'vhd.parent.id': {
    means: 'The unique ID of the parent is zero; any file would be accepted as the parent.',
    windows: UNKNOWN,
    fix: REBASE,
  },
  'vhd.bat.offset': {
    means: 'A block lies behind the end of the blocks: it was cut off, or its entry is damaged.',
    windows: FAILS,
    fix: BACKUP,
  },
  'vhd.bat.overlap': {
    means: 'A block lies over the header, the BAT or another structure.',
    windows: FAILS,
    fix: BACKUP,
  },
  'vhd.bat.shared': {
    means: 'Two blocks use the same space; at most one of them is right.',
    windows: ACCEPTS,
    fix: BACKUP,
  },
  'vhd.bat.unaligned': {
    means: 'Data of blocks does not begin at multiples of 4 KiB, as in disks of older programs.',
    windows: 'Windows opens the file. Writes to drives with sectors of 4 KiB are slow.',
    fix: CONVERT,
  },
  'vhd.bat.many': {
    means: 'The file has more blocks than a check keeps in memory.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhd.bitmap.empty': {
    means: 'A block of a differencing disk holds no sector.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhd.bitmap.beyond': {
    means: 'A sector bitmap names sectors behind the end of the disk.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhds.header.signature': {
    means: 'A header of a VHD Set does not begin with its signature.',
    windows: UNKNOWN,
    fix: 'Restore the set from a backup. Its disk is in the backing file, which can be used itself.',
  },
  'vhds.header.checksum': {
    means: 'The checksum of a header of a VHD Set does not match its bytes.',
    windows: UNKNOWN,
    fix: 'Restore the set from a backup. Its disk is in the backing file, which can be used itself.',
  },
  'vhds.header.version': {
    means: 'The header of a VHD Set has an unknown version.',
    windows: UNKNOWN,
    fix: NOTHING,
  },
  'vhds.header.name': {
    means: 'The place of the name of the backing file is not possible.',
    windows: UNKNOWN,
    fix: 'Restore the set from a backup. Its disk is in the backing file, which can be used itself.',
  },
  'vhds.header.unknown': {
    means: 'Bytes of the header of a VHD Set that were zero in known files are not zero.',
    windows: UNKNOWN,
    fix: NOTHING,
  },
  'vhds.name': {
    means: 'The name of the backing file of a VHD Set is not the name of a file beside it.',
    windows: UNKNOWN,
    fix: 'Use the backing file itself. Refpoint does not follow names out of the folder.',
  },
  'vhds.unknown': {
    means: 'A VHD Set has contents that are not documented, perhaps snapshots.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhds.backing.missing': {
    means: 'The backing file that holds the disk of a VHD Set is not beside it.',
    windows: REFUSES,
    fix: 'Move the backing file beside the set.',
  },
};
