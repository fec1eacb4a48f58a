import { defineErrors } from '../../../base/errors.ts';

const damaged = { permanent: true, damage: true } as const;
const refused = { permanent: true } as const;

/** Errors of VHDX files. `data.offset` is the place in the file, `found` and `expected` what was there. */
export const vhdxError = defineErrors({
  /** The file does not begin with “vhdxfile”: not a VHDX at all. */
  'vhdx.signature': refused,
  /** The file ends before a structure that it must hold. */
  'vhdx.truncated': damaged,

  'vhdx.header.signature': damaged,
  'vhdx.header.checksum': damaged,
  /** Neither of the two headers is valid. */
  'vhdx.header.none': damaged,
  'vhdx.header.version': refused,
  /** Log offset or length is not a multiple of 1 MiB, or out of bounds. */
  'vhdx.header.log': damaged,

  'vhdx.region.signature': damaged,
  'vhdx.region.checksum': damaged,
  /** Neither of the two region tables is valid. */
  'vhdx.region.none': damaged,
  'vhdx.region.count': damaged,
  'vhdx.region.place': damaged,
  'vhdx.region.overlap': damaged,
  'vhdx.region.duplicate': damaged,
  'vhdx.region.missing': damaged,
  /** A region that must be understood and is not known. */
  'vhdx.region.unknown': refused,

  'vhdx.metadata.signature': damaged,
  'vhdx.metadata.count': damaged,
  'vhdx.metadata.place': damaged,
  'vhdx.metadata.overlap': damaged,
  'vhdx.metadata.duplicate': damaged,
  'vhdx.metadata.missing': damaged,
  'vhdx.metadata.value': damaged,
  /** An item that must be understood and is not known. */
  'vhdx.metadata.unknown': refused,
  /** The file was still being created when its maker stopped. */
  'vhdx.metadata.incomplete': damaged,

  'vhdx.locator.type': refused,
  'vhdx.locator.count': damaged,
  'vhdx.locator.entry': damaged,
  'vhdx.locator.duplicate': damaged,
  'vhdx.locator.linkage': damaged,

  'vhdx.bat.state': damaged,
  'vhdx.bat.reserved': damaged,
  'vhdx.bat.offset': damaged,
  'vhdx.bat.overlap': damaged,
  'vhdx.bat.bitmap': damaged,
  'vhdx.bat.size': damaged,

  /** LogGuid is set, yet no valid run of entries exists. */
  'vhdx.log.corrupt': damaged,
  /** The file is shorter than its log says it was. */
  'vhdx.log.truncated': damaged,
  /** One entry is larger than any writer makes it. */
  'vhdx.log.limit': refused,

  /** An image that cannot be made or changed as asked: sizes, alignment, bounds. */
  'vhdx.write.argument': refused,
  /** A sector was given to the streaming writer twice. */
  'vhdx.write.twice': refused,
  /** The writer was completed, abandoned or closed before. */
  'vhdx.write.state': refused,
  /** An earlier write or flush failed; the file must be opened again. */
  'vhdx.write.failed': refused,

  /** The file given as the parent is not the one the child was made from. */
  'vhdx.merge.parent': { permanent: true, userFixable: true },
  /** Parent and child do not fit: sector sizes, or a child without a parent. */
  'vhdx.merge.kind': refused,
});
