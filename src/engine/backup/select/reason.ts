import type { ReasonCode } from '../../api/codes.ts';
import type { Reason } from '../manifest/manifest.ts';

/** Creates a reason with its evidence, which is flat and JSON-safe. */
export const reason = (
  code: ReasonCode,
  text: string,
  evidence: Reason['evidence'] = {},
): Reason => ({
  code,
  text,
  evidence,
});
