import { defineErrors } from '../../../base/errors.ts';

const damaged = { permanent: true, damage: true } as const;
const refused = { permanent: true } as const;

/**
 * Errors of VHDX files. `data.offset` is the file offset, `found` and `expected` are the values.
 */
export const vhdxError = defineErrors({
  /** The file does not begin with “vhdxfile”, so it is not a VHDX. */
  'vhdx.signature': refused,
  /** The file ends before a required structure. */
  'vhdx.truncated': damaged,

  'vhdx.header.signature': damaged,
  'vhdx.header.checksum': damaged,
  /** Neither of the two headers is valid. */
  'vhdx.header.none': damaged,
  'vhdx.header.version': refused,
  /** The log's offset or length is not a multiple of 1 MiB, or out of bounds. */
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
  /** A required region is not known. */
  'vhdx.region.unknown': refused,

  'vhdx.metadata.signature': damaged,
  'vhdx.metadata.count': damaged,
  'vhdx.metadata.place': damaged,
  'vhdx.metadata.overlap': damaged,
  'vhdx.metadata.duplicate': damaged,
  'vhdx.metadata.missing': damaged,
  'vhdx.metadata.value': damaged,
  /** A required item is not known. */
  'vhdx.metadata.unknown': refused,
  /** The creation of the file was not completed. */
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

  /** LogGuid is set, but there is no valid run of entries. */
  'vhdx.log.corrupt': damaged,
  /** The file is shorter than its log requires. */
  'vhdx.log.truncated': damaged,
  /** An entry is larger than any writer makes it. */
  'vhdx.log.limit': refused,

  /** The requested image or change is not possible: sizes, alignment, bounds. */
  'vhdx.write.argument': refused,
  /** A sector was written to the streaming writer twice. */
  'vhdx.write.twice': refused,
  /** The writer was already completed, abandoned or closed. */
  'vhdx.write.state': refused,
  /** An earlier write or flush failed; reopen the file. */
  'vhdx.write.failed': refused,

  /** The file given as the parent is not the one from which the child was made. */
  'vhdx.merge.parent': { permanent: true, userFixable: true },
  /** Parent and child do not match: sector sizes differ, or the child has no parent. */
  'vhdx.merge.kind': refused,
});
