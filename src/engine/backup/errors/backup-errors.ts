import { defineErrors } from '../../base/errors.ts';

const theirs = { permanent: true, userFixable: true } as const;

export const backupError = defineErrors({
  /** The tracker's answer cannot be true. */
  'tracker.lied': { permanent: true },
  /** The tracker does not answer for the id. */
  'tracker.refused': { permanent: true },
  /** An incremental was asked for and is not possible; the reason is in the data. */
  'plan.incremental': theirs,
  /** A disk that this version cannot back up and that was not excluded. */
  'plan.disk': theirs,
  'plan.method': theirs,
  'plan.empty': theirs,
  /** A disk that was to be left out is not there. */
  'plan.excluded': theirs,
  /** The host reports a path that no path map turns into one of this machine. */
  'path.unmapped': theirs,
  /** The path map names a place of this machine at which nothing is. */
  'path.missing': theirs,
  'path.invalid': theirs,
  /** The files behind the path map are not those that the VM uses. */
  'path.stale': theirs,
  /** The file that was opened is not the disk that the host reported. */
  'disk.identity': theirs,
  /** A number, name or id fits several disks. */
  'disk.ambiguous': theirs,
  /** The disk that was opened is not the one that the increment's parent holds. */
  'disk.changed': { permanent: true },
  'store.space': theirs,
  /** The parent in the store does not hold what its record says. */
  'parent.damaged': { permanent: true, damage: true },
  'restore.exists': theirs,
  /** Restoring into a store could replace the images of its points. */
  'restore.inStore': theirs,
  'restore.space': theirs,
  'restore.mismatch': { permanent: true, damage: true },
  'export.missing': { permanent: true },
  /** The host exported a disk in full although an increment was asked for. */
  'export.full': { permanent: true },
  /** The host refused a differential export. */
  'export.refused': { permanent: true },
});
