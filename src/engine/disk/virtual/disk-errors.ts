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
  /** The source of a copy was written to while it was read. */
  'disk.source.changed': { permanent: true, userFixable: true },
  /** The new file would replace an image that it is made from. */
  'disk.target.source': { permanent: true, userFixable: true },
  /** A file of a store, which is never changed in place. */
  'disk.edit.store': { permanent: true, userFixable: true },
  /** Another image depends on the file that would change. */
  'disk.edit.children': { permanent: true, userFixable: true },
  /** The format of the image is not changed in place, or the image has no parent. */
  'disk.edit.format': { permanent: true, userFixable: true },
  /** The child would show other contents through to the new parent than to the old one. */
  'disk.rebase.contents': { permanent: true, userFixable: true },
  /** More bytes would change than a repair holds in memory. */
  'disk.repair.limit': { permanent: true },
  /** An earlier repair in place was interrupted; its undo record lies beside the image. */
  'disk.repair.unfinished': { permanent: true, userFixable: true },
  /** The file is not an undo record, or is damaged. */
  'disk.repair.record': { permanent: true, damage: true },
  /** The image is not as the repair left it. */
  'disk.repair.changed': { permanent: true, userFixable: true },
  /** Nothing in a damaged image tells the size of its disk. */
  'disk.rescue.size': { permanent: true, damage: true },
  'disk.write.argument': { permanent: true, userFixable: true },
});
