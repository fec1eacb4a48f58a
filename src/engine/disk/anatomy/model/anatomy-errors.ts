import { defineErrors } from '../../../base/errors.ts';

/**
 * Errors of requests about an opened anatomy. Damage of a file is never an error, but a finding.
 */
export const anatomyError = defineErrors({
  /** The anatomy is not open (any longer): open the file again. */
  'anatomy.notOpen': {},
  /** A number that the contract does not allow. */
  'anatomy.request': { permanent: true },
});
