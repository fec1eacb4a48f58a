/** Codes of errors of Windows' own functions; part of `ErrorCode` in `codes.ts`. */
export type VirtdiskErrorCode =
  | 'virtdisk.answer'
  | 'virtdisk.argument'
  | 'virtdisk.busy'
  | 'virtdisk.closed'
  | 'virtdisk.damaged'
  | 'virtdisk.denied'
  | 'virtdisk.exists'
  | 'virtdisk.failed'
  | 'virtdisk.full'
  | 'virtdisk.hostFile'
  | 'virtdisk.missing'
  | 'virtdisk.notElevated'
  | 'virtdisk.notFound'
  | 'virtdisk.notImage'
  | 'virtdisk.parent'
  | 'virtdisk.path'
  | 'virtdisk.timedOut'
  | 'virtdisk.tooOld'
  | 'virtdisk.tracking.inconsistent'
  | 'virtdisk.tracking.lost'
  | 'virtdisk.tracking.off'
  | 'virtdisk.tracking.storage'
  | 'virtdisk.tracking.unknownId'
  | 'virtdisk.unsupported';

export type Win32ErrorCode =
  'win32.closed' | 'win32.failed' | 'win32.privilege' | 'win32.unavailable';

export type VssErrorCode =
  | 'vss.answer'
  | 'vss.busy'
  | 'vss.component'
  | 'vss.denied'
  | 'vss.diskshadow'
  | 'vss.failed'
  | 'vss.log'
  | 'vss.missing'
  | 'vss.others'
  | 'vss.place'
  | 'vss.restore'
  | 'vss.storage'
  | 'vss.volume'
  | 'vss.writer';
