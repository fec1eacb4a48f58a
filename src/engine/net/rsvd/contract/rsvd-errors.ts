import { defineErrors } from '../../../base/errors.ts';

const wrong = { permanent: true, userFixable: true } as const;

export const rsvdError = defineErrors({
  /** The disk reports one change after another instead of an answer (unit attention). */
  'rsvd.attention': {},
  /** Somebody else has the disk or the snapshot open. */
  'rsvd.busy': { userFixable: true },
  /** Size or identity of the disk changed while it was open. */
  'rsvd.changed': { permanent: true },
  /** The server refused an operation; its status is in `status`. */
  'rsvd.failed': {},
  /** Not in a known ledger: another product may need the snapshot. */
  'rsvd.foreign': wrong,
  /** The file is not a shared virtual disk, or not a VHD Set, which the operation needs. */
  'rsvd.kind': wrong,
  /** Another host has reserved the disk. */
  'rsvd.reserved': { userFixable: true },
  /** A read failed; the sense data of the disk is in `sense`. */
  'rsvd.sense': {},
  /** The VHD Set has no such snapshot, or changes since it are not known. */
  'rsvd.snapshot': wrong,
  /** Neither the server nor the share has shared virtual disks. */
  'rsvd.unsupported': wrong,
  /** The server does not have the operation: it speaks version 1. */
  'rsvd.version': wrong,
});
