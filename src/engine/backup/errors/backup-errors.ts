import { defineErrors } from '../../base/errors.ts';

const theirs = { permanent: true, userFixable: true } as const;

export const backupError = defineErrors({
  /** The tracker's answer cannot be true. */
  'tracker.lied': { permanent: true },
  /** The tracker refuses to answer for the RCT ID. */
  'tracker.refused': { permanent: true },
  /** Two trackers name different changes; the run is not committed. */
  'tracker.readers': { permanent: true },
  /** An incremental backup was requested but is not possible; the data contains the reason. */
  'plan.incremental': theirs,
  /** A disk that this version cannot back up and that was not excluded. */
  'plan.disk': theirs,
  'plan.method': theirs,
  /** A group lacks a VM of its last point, or a VM outside of it has one of its shared disks. */
  'plan.members': theirs,
  'plan.empty': theirs,
  /** A disk to exclude does not exist. */
  'plan.excluded': theirs,
  /** No path map covers the path that the host reports. */
  'path.unmapped': theirs,
  /** The path map leads to a local path that does not exist. */
  'path.missing': theirs,
  /** The account may not read a disk on the file server. */
  'path.denied': theirs,
  'path.invalid': theirs,
  /** The files behind the path map are not the ones that the VM uses. */
  'path.stale': theirs,
  /** The opened file is not the disk that the host reported. */
  'disk.identity': theirs,
  /** The host does not name the snapshot of a shared disk. */
  'disk.snapshot': { permanent: true },
  /** A number, name or ID matches several disks. */
  'disk.ambiguous': theirs,
  /** The opened disk is not the one in the increment's parent. */
  'disk.changed': { permanent: true },
  /** Two readers see different bytes; the run is not committed. */
  'disk.readers': { permanent: true },
  'store.space': theirs,
  /** The parent in the store does not match its record. */
  'parent.damaged': { permanent: true, damage: true },
  /** The point has nothing of which its VM could be made. */
  'import.settings': theirs,
  /** The host has a VM with the name of the new one. */
  'import.name': theirs,
  /** The host lacks an Ethernet switch of the VM. */
  'import.switch': theirs,
  /** The host's validation found problems. */
  'import.invalid': theirs,
  /** The VM to restore over was not confirmed by its own ID. */
  'over.confirm': theirs,
  /** The VM is not off, or the host works on it. */
  'over.state': theirs,
  'over.checkpoints': theirs,
  /** A disk of the point cannot be restored over the VM's. */
  'over.disk': theirs,
  /** An earlier restore over the VM is neither accepted nor undone. */
  'over.open': theirs,
  /** The VM has no restore that could be undone or accepted. */
  'over.none': theirs,
  /** The host reported success, but the VM does not have the files. */
  'over.attach': { permanent: true },
  /** A file that the undo needs is missing or was changed, or the VM has other disks now. */
  'over.changed': theirs,
  'restore.exists': theirs,
  /** The restore targets a store, where it could replace the images of points. */
  'restore.inStore': theirs,
  'restore.space': theirs,
  'restore.mismatch': { permanent: true, damage: true },
  'export.missing': { permanent: true },
  /** The host exported a disk in full although an increment was requested. */
  'export.full': { permanent: true },
  /** The host refused a differential export. */
  'export.refused': { permanent: true },
  /** A group of VMs is not exported. */
  'export.group': theirs,
});
