import { defineErrors } from '../../base/errors.ts';

const refused = { permanent: true } as const;
const fixable = { permanent: true, userFixable: true } as const;

/** Errors of Windows' virtual disk API. `virtual-disk.ts` describes their data. */
export const virtdiskError = defineErrors({
  /** This system has no virtdisk.dll, or koffi cannot load it. */
  'virtdisk.missing': fixable,
  /** virtdisk.dll lacks a function: Windows is older than the function. */
  'virtdisk.tooOld': fixable,
  'virtdisk.denied': fixable,
  /** The process is not elevated, or lacks SeManageVolumePrivilege. */
  'virtdisk.notElevated': fixable,
  'virtdisk.notFound': fixable,
  'virtdisk.exists': fixable,
  'virtdisk.full': { userFixable: true },
  /** The file or the disk is in use. */
  'virtdisk.busy': { userFixable: true },
  /** A path that Windows does not accept, or a share that leads back to this computer. */
  'virtdisk.path': fixable,
  /** The file is compressed, encrypted or sparse. */
  'virtdisk.hostFile': fixable,
  'virtdisk.notImage': fixable,
  'virtdisk.unsupported': refused,
  'virtdisk.damaged': { permanent: true, damage: true },
  /** A parent is missing, cannot be opened, or is another one. */
  'virtdisk.parent': fixable,
  'virtdisk.tracking.off': fixable,
  'virtdisk.tracking.unknownId': refused,
  'virtdisk.tracking.lost': refused,
  'virtdisk.tracking.inconsistent': refused,
  'virtdisk.tracking.storage': {},
  /** An argument that Windows would refuse, or refused. */
  'virtdisk.argument': refused,
  /** An answer of the driver that cannot be true. */
  'virtdisk.answer': refused,
  'virtdisk.timedOut': {},
  'virtdisk.closed': refused,
  /** Another error of Windows. */
  'virtdisk.failed': {},
});
