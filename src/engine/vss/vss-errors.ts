import { defineErrors } from '../base/errors.ts';

/** Errors of the VSS method. */
export const vssError = defineErrors({
  /** The host answered something about shadow copies that cannot be true. */
  'vss.answer': { permanent: true },
  /** The file is not a log of diskshadow. */
  'vss.log': { permanent: true, userFixable: true },
  /** diskshadow failed, or did not write what it must. */
  'vss.diskshadow': { userFixable: true },
  /** The host has no diskshadow: it is not a Windows Server. */
  'vss.missing': { permanent: true, userFixable: true },
});
