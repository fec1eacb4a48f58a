import { defineErrors } from './errors.ts';

export const baseError = defineErrors({
  /** A structure ends before its field does, or holds more than it may. */
  'bytes.range': { permanent: true, damage: true },
  /** A 64-bit number that no byte offset can be: 2^53 or more. */
  'bytes.u64': { permanent: true, damage: true },
  'guid.syntax': { permanent: true, userFixable: true },
  'range.invalid': { permanent: true },
});
