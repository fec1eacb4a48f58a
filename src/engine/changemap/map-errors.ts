import { defineErrors } from '../base/errors.ts';

const wrong = { permanent: true, userFixable: true } as const;

/** Errors of change maps. */
export const mapError = defineErrors({
  /** No such map is open (any more): open its reference again. */
  'map.notOpen': {},
  /** A frame, level, tile or page that the contract does not allow. */
  'map.request': { permanent: true },
  /** More ranges than a map holds. */
  'map.tooMany': { permanent: true },
  'map.csv.syntax': wrong,
  /** The points of a comparison are not of one chain. */
  'map.between': wrong,
  'map.kept.missing': { permanent: true },
  'map.kept.damaged': { permanent: true, damage: true },
});
