import { defineErrors } from '../../../base/errors.ts';

const damaged = { permanent: true, damage: true } as const;
const refused = { permanent: true } as const;

/**
 * Errors with which the reader refuses a qcow2 image, or a part of its disk. `data.offset` is the
 * file offset, `found` and `expected` are the values. Defects have finer codes.
 */
export const qcow2Error = defineErrors({
  /** The file does not begin with “QFI\xfb”, so it is not a qcow2 image. */
  'qcow2.signature': refused,
  /** A version other than 2 and 3. */
  'qcow2.version': refused,
  /** An incompatible feature, or a compression, that this reader does not know. */
  'qcow2.feature': refused,
  /** The contents are encrypted. */
  'qcow2.encrypted': refused,
  /** The contents lie in another file. */
  'qcow2.dataFile': refused,
  /** The file ends before a required structure. */
  'qcow2.truncated': damaged,
  /** A field of the header has an impossible value. */
  'qcow2.header': damaged,
  'qcow2.extension': damaged,
  /** The name of the backing file lies outside the header, is too long, or is not text. */
  'qcow2.backing': damaged,
  /** The backing file lies outside the image's folder, or its name is not a path. */
  'qcow2.backing.outside': { permanent: true, userFixable: true },
  /** The L1 table, or one of its entries. */
  'qcow2.l1': damaged,
  /** An entry of an L2 table. */
  'qcow2.l2': damaged,
  /** A compressed cluster that cannot be decompressed. */
  'qcow2.compressed': damaged,

  /** A sector was written to the streaming writer twice. */
  'qcow2.write.twice': refused,
  /** The writer was already completed or abandoned, or failed. */
  'qcow2.write.state': refused,
});

export type Qcow2ErrorCode = keyof typeof qcow2Error.flags;
