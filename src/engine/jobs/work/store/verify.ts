import { recordError } from '../../../backup/errors/record-errors.ts';
import { isDamaged, isUnfinished, type PointVerdict } from '../../../backup/verify/verdict.ts';
import { nothing, type JobEnd, type JobSurroundings, type WorkOf } from '../../kinds/job-kind.ts';
import { openJobStore } from '../parts/open-for-job.ts';
import { logVerdict } from '../parts/point-words.ts';
import { noteOf, type SpecOf } from '../../kinds/spec-of.ts';
import { verifyStore, type VerifiedStore } from './verify-store.ts';

type Spec = SpecOf<'verify'>;

/** Verifies points of a store. That no point was finished is the failure of the job. */
export async function performVerify(
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
