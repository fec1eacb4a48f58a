import { defineErrors } from '../../base/errors.ts';

export const xmlError = defineErrors({
  'xml.syntax': { permanent: true },
  /** DOCTYPE is refused: no entity of a peer is ever expanded. */
  'xml.doctype': { permanent: true },
  /** Larger or deeper than the limits allow. */
  'xml.limit': { permanent: true },
  /** An element that must be there is not. */
  'xml.missing': { permanent: true },
});
