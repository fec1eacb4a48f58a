import { defineErrors } from '../../base/errors.ts';

export const xmlError = defineErrors({
  'xml.syntax': { permanent: true },
  /** DOCTYPE is rejected, so entities that a peer defines are never expanded. */
  'xml.doctype': { permanent: true },
  /** Exceeds the limits of size or depth. */
  'xml.limit': { permanent: true },
  /** A required element is missing. */
  'xml.missing': { permanent: true },
});
