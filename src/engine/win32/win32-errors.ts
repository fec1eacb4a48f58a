import { defineErrors } from '../base/errors.ts';

/** Errors of the functions of Windows; data: `call`, `number`, `hex`, `name`. */
export const win32Error = defineErrors({
  /** Not on Windows, or koffi or a library of the system cannot be loaded. */
  'win32.unavailable': { permanent: true, userFixable: true },
  /** The account does not hold a privilege that a call needs. */
  'win32.privilege': { permanent: true, userFixable: true },
  /** The handle was closed already. */
  'win32.closed': { permanent: true },
  'win32.failed': {},
});
