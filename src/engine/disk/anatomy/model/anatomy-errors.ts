import { defineErrors } from '../../../base/errors.ts';

/** Errors of requests about an opened anatomy; damage of a file is never an error, but a finding. */
export const anatomyError = defineErrors({
  /** No such anatomy is open (any more): open the file again. */
  'anatomy.notOpen': {},
  /** A number that the contract does not allow. */
  'anatomy.request': { permanent: true },
});
