import type { StartLength } from '../../base/range.ts';

/** One answer of a change tracker, unchecked. */
export interface RawChanges {
  readonly processed: number;
  readonly ranges: readonly StartLength[];
}
