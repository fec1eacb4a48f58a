import { defineErrors } from '../../base/errors.ts';

const wrong = { permanent: true, userFixable: true } as const;

export const jobError = defineErrors({
  /** The input on stdin is not a job of this version. */
  'job.input': wrong,
  'job.notFound': wrong,
  /** Its process did not get as far as to keep its state. */
  'job.start': {},
  /** The state of the job cannot be changed from here: it has ended, or runs elsewhere. */
  'job.state': wrong,
  /**
   * The job was cancelled, but some of its changes could not be undone; the next run or a cleanup
   * does it.
   */
  'job.leftovers': { userFixable: true },
});
