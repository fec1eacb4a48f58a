/** Codes of errors of restores; part of `ErrorCode` in `codes.ts`. */
export type RestoreErrorCode =
  'restore.exists' | 'restore.inStore' | 'restore.mismatch' | 'restore.space';

/** Codes of errors of restores as a new VM. */
export type ImportErrorCode =
  'import.invalid' | 'import.name' | 'import.settings' | 'import.switch';

/** Codes of errors of restores over the disks of a VM. */
export type OverErrorCode =
  | 'over.attach'
  | 'over.changed'
  | 'over.checkpoints'
  | 'over.confirm'
  | 'over.disk'
  | 'over.none'
  | 'over.open'
  | 'over.state';
