import { defineErrors } from '../../base/errors.ts';

const wrong = { permanent: true, userFixable: true } as const;

export const jobError = defineErrors({
  /** What came on stdin is no job of this version. */
  'job.input': wrong,
  'job.notFound': wrong,
  /** It has no state that can be changed from here: it ended, or runs elsewhere. */
  'job.state': wrong,
  /** It was cancelled, and what it had begun could not be taken back now: the next run or a clean does. */
  'job.leftovers': { userFixable: true },
});
