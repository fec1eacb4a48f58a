import { defineErrors } from '../../base/errors.ts';

/** Errors of disk images of any format, and of chains. */
export const diskError = defineErrors({
  /** Bytes past the end of the virtual disk were asked for. */
  'disk.range': { permanent: true },
  /** The name says VHDX, the contents say something else. */
  'disk.format': { permanent: true, userFixable: true },
  /** A format that this version does not read. */
  'disk.unsupported': { permanent: true, userFixable: true },
  /** The parent of a differencing image was not found where its locator and the search list say. */
  'disk.parent.missing': { permanent: true, userFixable: true },
  /** The file found as the parent is not the one the child was made from, or was changed since. */
  'disk.parent.mismatch': { permanent: true, damage: true },
  'disk.chain.cycle': { permanent: true, damage: true },
  'disk.chain.depth': { permanent: true },
  'disk.chain.sectors': { permanent: true, damage: true },
});
