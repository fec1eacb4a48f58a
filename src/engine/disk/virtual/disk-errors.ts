import { defineErrors } from '../../base/errors.ts';

/** Errors of disk images of any format, and of chains. */
export const diskError = defineErrors({
  /** A read past the end of the virtual disk. */
  'disk.range': { permanent: true },
  /** The name promises a format, but the contents are something else. */
  'disk.format': { permanent: true, userFixable: true },
  /** A format that this version does not read. */
  'disk.unsupported': { permanent: true, userFixable: true },
  /**
   * The parent of a differencing image is not at the places that its locator and the search list
   * name.
   */
  'disk.parent.missing': { permanent: true, userFixable: true },
  /**
   * The file found as the parent is not the one from which the child was made, or was changed
   * since.
   */
  'disk.parent.mismatch': { permanent: true, damage: true },
  'disk.chain.cycle': { permanent: true, damage: true },
  'disk.chain.depth': { permanent: true },
  'disk.chain.sectors': { permanent: true, damage: true },
  /** A new image, or a write to it, that its format cannot store. */
  'disk.write.argument': { permanent: true, userFixable: true },
});
