/**
 * Codes of errors which say that the driver cannot tell what changed since an RCT id. Each makes that
 * disk a full backup, with the code as the reason.
 */
export const TRACKING_ERRORS = [
  /** Tracking is off, or was never started: 0xC03A002A, 0xC03A0020. */
  'virtdisk.tracking.off',
  /** The disk does not know the id: 0xC03A0029. */
  'virtdisk.tracking.unknownId',
  /** The record is lost or too large: 0xC03A0030, 0xC03A0021. */
  'virtdisk.tracking.lost',
  /** The disk was changed without tracking, or the record contradicts itself: 0xC03A0022 to 24. */
  'virtdisk.tracking.inconsistent',
  /** The record cannot be read: 0x803A0001. */
  'virtdisk.tracking.storage',
] as const;
