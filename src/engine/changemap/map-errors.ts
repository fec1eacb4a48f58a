import { defineErrors } from '../base/errors.ts';

const wrong = { permanent: true, userFixable: true } as const;

/** Errors of change maps. */
export const mapError = defineErrors({
  /** The map is not open (any longer): open its reference again. */
  'map.notOpen': {},
  /** The contract does not allow this frame, level, tile or page. */
  'map.request': { permanent: true },
  /** More ranges than a map can hold. */
  'map.tooMany': { permanent: true },
  'map.csv.syntax': wrong,
  /** The points of a comparison do not belong to one chain. */
  'map.between': wrong,
  'map.kept.missing': { permanent: true },
  'map.kept.damaged': { permanent: true, damage: true },
});
