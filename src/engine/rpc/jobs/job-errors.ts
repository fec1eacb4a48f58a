import { defineErrors } from '../../base/errors.ts';

const wrong = { permanent: true, userFixable: true } as const;

export const jobError = defineErrors({
  /** What came on stdin is no job of this version. */
  'job.input': wrong,
  'job.notFound': wrong,
  /** It has no state that can be changed from here: it ended, or runs elsewhere. */
  'job.state': wrong,
});
