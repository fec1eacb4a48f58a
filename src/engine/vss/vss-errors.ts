import { defineErrors } from '../base/errors.ts';

/** Errors of the VSS method. */
export const vssError = defineErrors({
  /** The host answered something about shadow copies that cannot be true. */
  'vss.answer': { permanent: true },
  /** The file is not a log of diskshadow. */
  'vss.log': { permanent: true, userFixable: true },
  /** diskshadow failed, or did not write what it must. */
  'vss.diskshadow': { userFixable: true },
  /** A step failed, but may succeed later without any change. */
  'vss.busy': {},
  /** The Hyper-V writer failed, or did not take part. */
  'vss.writer': { userFixable: true },
  /** The writer has no component for a VM, or left it out. */
  'vss.component': { permanent: true, userFixable: true },
  /** VMs that were not named would be frozen or saved, too. */
  'vss.others': { permanent: true, userFixable: true },
  /** The VM or its host is one of which no shadow copies are made. */
  'vss.place': { permanent: true, userFixable: true },
  /** The area in which shadow copies keep what was replaced is too small. */
  'vss.storage': { userFixable: true },
  /** A volume cannot be copied. */
  'vss.volume': { permanent: true, userFixable: true },
  /** The process has too few rights: it is not elevated. */
  'vss.denied': { permanent: true, userFixable: true },
  /** A point cannot be restored by the Hyper-V writer, or that was interrupted. */
  'vss.restore': { userFixable: true },
  /** Another step of VSS failed. */
  'vss.failed': { userFixable: true },
  /** The host has no diskshadow: it is not a Windows Server. */
  'vss.missing': { permanent: true, userFixable: true },
});
