import { defineErrors } from '../../../base/errors.ts';

const damaged = { permanent: true, damage: true } as const;
const refused = { permanent: true } as const;

/** Errors of VHD files. `data.offset` is the file offset, `found` and `expected` are the values. */
export const vhdError = defineErrors({
  /** The file ends before a required structure. */
  'vhd.truncated': damaged,

  /** The file has no valid footer, neither at its end nor at its start. */
  'vhd.footer.none': damaged,
  'vhd.footer.signature': damaged,
  'vhd.footer.checksum': damaged,
  'vhd.footer.version': refused,
  /** The disk type is not fixed, dynamic or differencing. */
  'vhd.footer.type': refused,
  'vhd.footer.offset': damaged,
  'vhd.footer.size': damaged,

  'vhd.header.signature': damaged,
  'vhd.header.checksum': damaged,
  'vhd.header.version': refused,
  /** The place of the BAT is outside the file or not a multiple of a sector. */
  'vhd.header.bat': damaged,
  /** The BAT has fewer entries than the disk has blocks. */
  'vhd.header.entries': damaged,
  'vhd.header.blockSize': damaged,

  /** A block lies outside the file or over a structure. */
  'vhd.bat.offset': damaged,
  'vhd.bat.overlap': damaged,

  /** A sector was written to the streaming writer twice. */
  'vhd.write.twice': refused,
  /** The writer was already completed, abandoned or closed. */
  'vhd.write.state': refused,
});

export type VhdErrorCode = keyof typeof vhdError.flags;
