import { defineErrors } from '../../base/errors.ts';

/** Errors of VHD Sets. `data.offset` is the file offset, `found` and `expected` are the values. */
export const vhdsError = defineErrors({
  /** Neither header is valid. */
  'vhds.header': { permanent: true, damage: true },
  /** The name of the backing file is not that of a file beside the set. */
  'vhds.name': { permanent: true },
  /** The backing file, which holds the disk, is not beside the set. */
  'vhds.backing.missing': { permanent: true, userFixable: true },
});
