import type { JsonFields } from '../../base/json-fields.ts';
import type { JobKind } from './job-kind.ts';
import { TEXT, type SpecOf } from './spec-of.ts';

type Spec = SpecOf<'verify'>;

export const VERIFY: JobKind<Spec> = {
  needsHost: false,
  waits: true,
  parse: (f: JsonFields) => ({
    kind: 'verify',
    store: f.text('store', TEXT),
    vm: f.text('vm', TEXT),
    points: f.texts('points', 10_000, TEXT),
    quick: f.flag('quick'),
    ...repairOf(f),
  }),
  words: (title, { points, quick, store }) => {
    const which = points.length === 0 ? 'every point' : points.join(', ');
    return `${quick ? 'Quick verification' : 'Verification'} of ${title}, ${which}, in ${store}`;
  },
};

/** Absent in jobs of earlier versions. */
function repairOf(f: JsonFields): { repairHashes?: boolean } {
  const repairHashes = f.optional('repairHashes', () => f.flag('repairHashes'));
  return repairHashes === null ? {} : { repairHashes };
}
