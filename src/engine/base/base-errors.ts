import { defineErrors } from './errors.ts';

export const baseError = defineErrors({
  /** A structure ends before its field, or exceeds its maximum size. */
  'bytes.range': { permanent: true, damage: true },
  /** A 64-bit number of 2^53 or more, which cannot be a byte offset. */
  'bytes.u64': { permanent: true, damage: true },
  'guid.syntax': { permanent: true, userFixable: true },
  'range.invalid': { permanent: true },
});
