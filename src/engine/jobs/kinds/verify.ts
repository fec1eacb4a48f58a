import { recordError } from '../../backup/errors/record-errors.ts';
import { isDamaged, isUnfinished, type PointVerdict } from '../../backup/verify/verify.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import {
  nothing,
  type JobEnd,
  type JobKind,
  type JobSurroundings,
  type WorkOf,
} from './job-kind.ts';
import { openJobStore } from './open-for-job.ts';
import { logVerdict } from './point-words.ts';
import { noteOf, TEXT, type SpecOf } from './spec-of.ts';
import { verifyStore, type VerifiedStore } from '../work/verify-store.ts';

type Spec = SpecOf<'verify'>;

export const VERIFY: JobKind<Spec, VerifiedStore> = {
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
  perform,
};

/** Absent in jobs of earlier versions. */
function repairOf(f: JsonFields): { repairHashes?: boolean } {
  const repairHashes = f.optional('repairHashes', () => f.flag('repairHashes'));
  return repairHashes === null ? {} : { repairHashes };
}

async function perform(
  work: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<JobEnd<VerifiedStore>> {
  const { spec } = work;
  const store = await openJobStore(work, around, 'existing', signal);
  const found = await verifyStore(store, spec, around, signal);
  const verdicts = found.vms.flatMap((vm) => vm.verdicts);
  for (const verdict of verdicts) logVerdict(around.tell, verdict);
  const unfinished = verdicts.filter(isUnfinished);
  const verified = verdicts.filter((each) => !isUnfinished(each));
  const damaged = verified.filter(isDamaged);
  const how = spec.quick ? 'quickly' : 'every hash';
  const left = unfinished.length === 0 ? '' : `; ${unfinished.length} were never finished`;
  const result = {
    ...nothing,
    summary:
      damaged.length === 0
        ? `${verified.length} points verified (${how}): all match their record${left}`
        : `${damaged.length} of ${verified.length} points are damaged${left}`,
    verified: verified.length,
    damaged: [...damaged.map((each) => each.id), ...found.misspelled.map(({ name }) => name)],
    warnings: [
      // The points may be intact, but backups fail until the ledger is repaired.
      ...found.vms.flatMap(({ ledger }) => (ledger === null ? [] : [noteOf(ledger)])),
      ...[...damaged, ...unfinished].flatMap((each) => each.findings.map(noteOf)),
    ],
  };
  if (verified.length > 0) return { found, result };
  return { found, result, failure: nothingVerified(spec, unfinished) };
}

/**
 * Returns an error if the verification found no finished point, since then it has verified nothing.
 */
function nothingVerified(spec: Spec, unfinished: readonly PointVerdict[]): Error {
  const data = { vm: spec.vm, store: spec.store, found: unfinished.map(({ id }) => id) };
  if (unfinished.length > 0) {
    const ids = unfinished.map(({ id }) => id).join(', ');
    const message = `Nothing was verified: ${ids} was never finished`;
    return recordError('point.incomplete', message, { data });
  }
  const of = spec.vm === '' ? 'no point' : 'no point of this VM';
  return recordError('point.missing', `Nothing was verified: the store has ${of}`, { data });
}
