import { defineErrors } from '../../base/errors.ts';

export const traceError = defineErrors({
  /** The file cannot be opened, read or written. */
  'trace.file': { userFixable: true },
  /** The file is not a recording of this version, or exceeds the limits of one. */
  'trace.format': { permanent: true, userFixable: true },
  /** The engine has closed the recording. */
  'trace.notOpen': {},
  /** The recording has no exchange of that number. */
  'trace.exchange': { permanent: true, userFixable: true },
});
