import { delay } from '../../base/abort.ts';
import type { JobOutcome } from '../host/host.ts';
import {
  sameId,
  withCheckpoint,
  withoutIntent,
  withReferencePoint,
  type Intent,
} from '../ledger/ledger.ts';
import type { OnHost } from '../ledger/on-host.ts';
import {
  claimCheckpoint,
  claimReferencePoint,
  newCheckpoints,
  type Claim,
} from '../ledger/claims.ts';
import type { RecoveryRun } from './recovery-run.ts';

/** Age in milliseconds below which a call may still be in progress on the host. */
const YOUNG_MS = 60_000;
/**
 * Time limit for a result to appear. The first applies while the host reports an operation on the
 * VM.
 */
const BUSY_PATIENCE_MS = 30_000;
const PATIENCE_MS = 1500;
const LOOK_EVERY_MS = 250;
/** Time after which an intent that cannot be decided is dropped. Until then it is reported. */
const FORGET_MS = 30 * 86_400_000;

type Kind = 'checkpoint' | 'referencePoint';
/** New objects of the host, and the one that belongs to the intent. */
interface Found {
  readonly claim: Claim<{ readonly id: string }>;
  readonly text: string;
}

/**
 * Finds the objects that interrupted calls created: by their jobs, or else by the rules of
 * `claims.ts`.
 */
export async function recoverIntents(
  run: RecoveryRun,
  kind: Kind,
  signal: AbortSignal,
): Promise<void> {
  for (const intent of run.ledger.intents) {
    if (intent.kind !== kind) continue;
    const where = run.whereabouts(intent);
    if (where !== 'elsewhere') await recoverIntent(run, intent, kind, where, signal);
  }
}

async function recoverIntent(
  run: RecoveryRun,
  intent: Intent,
  kind: Kind,
  where: 'here' | 'unknown',
  signal: AbortSignal,
): Promise<void> {
  const { checkpointId, asked } = intent;
  const destroyed = checkpointId !== null && run.destroyedCheckpoints.has(checkpointId);
  // The call was never sent, or was refused, so new objects on the host are not ours.
  if (asked === null || destroyed) return drop(run, intent, signal);
  const { claim, text } = await settled(run, intent, kind, signal);
  if (claim.outcome === 'one') return record(run, intent, kind, claim.item.id, signal);
  const old = run.deps.now() - Date.parse(intent.time) > FORGET_MS;
  if (claim.outcome === 'unclear') {
    for (const { id } of claim.items) run.note('unclear', id, text);
    if (old) await drop(run, intent, signal);
    return;
  }
  if (kind === 'checkpoint') await noteOthers(run, intent, signal);
  if (where === 'here' || old) await drop(run, intent, signal);
}

/**
 * Waits until the call's job has ended. If the job is unknown, waits until the host has had time
 * for a recent call.
 */
async function settled(
  run: RecoveryRun,
  intent: Intent,
  kind: Kind,
  signal: AbortSignal,
): Promise<Found> {
  const { host, now } = run.deps;
  const age = now() - Date.parse(intent.time);
  const young = age >= 0 && age < YOUNG_MS;
  for (let waited = 0; ; waited += LOOK_EVERY_MS) {
    const outcome: JobOutcome =
      intent.job === null ? { state: 'unknown' } : await host.jobOutcome(intent.job, kind, signal);
    const found = await look(run, intent, kind, outcome, signal);
    const open = outcome.state === 'running' || (outcome.state === 'unknown' && young);
    if (!open || found.claim.outcome === 'one') return found;
    if (outcome.state === 'unknown' && found.claim.outcome === 'unclear') return found;
    const busy =
      outcome.state === 'running' || (await host.findVm(run.vmId, signal)).operation !== null;
    if (waited >= (busy ? BUSY_PATIENCE_MS : PATIENCE_MS)) return found;
    await delay(LOOK_EVERY_MS, signal);
  }
}

async function look(
  run: RecoveryRun,
  intent: Intent,
  kind: Kind,
  outcome: JobOutcome,
  signal: AbortSignal,
): Promise<Found> {
  const { host } = run.deps;
  const checkpoints = await host.listCheckpoints(run.vmId, signal);
  const points = kind === 'checkpoint' ? [] : await host.listReferencePoints(run.vmId, signal);
  const text = UNCLEAR[kind];
  if (outcome.state === 'ended') {
    return {
      claim: madeByJob(kind === 'checkpoint' ? checkpoints : points, outcome.made, intent),
      text,
    };
  }
  if (outcome.state === 'running') {
    const items = [{ id: intent.job ?? '' }];
    return {
      claim: { outcome: 'unclear', items },
      text: 'a job of an interrupted call is still running',
    };
  }
  if (kind === 'checkpoint')
    return { claim: claimCheckpoint(run.ledger, intent, checkpoints), text };
  const { checkpointId } = intent;
  const converted =
    checkpointId !== null && !checkpoints.some(({ id }) => sameId(id, checkpointId));
  return { claim: claimReferencePoint(run.ledger, intent, points, converted), text };
}

/**
 * Returns the objects that the job reports, without those that existed before. An object that the
 * host no longer lists is gone.
 */
function madeByJob(
  listed: readonly { readonly id: string }[],
  made: readonly string[],
  { existing }: Intent,
): Found['claim'] {
  const has = (ids: readonly string[], id: string): boolean => ids.some((each) => sameId(each, id));
  const items = listed.filter(({ id }) => has(made, id) && !has(existing, id));
  const [item, ...more] = items;
  if (item === undefined) return { outcome: 'none' };
  return more.length === 0 ? { outcome: 'one', item } : { outcome: 'unclear', items };
}

/**
 * Records the object that fulfilled an intent. A dry run records nothing and reports what would
 * happen.
 */
async function record(
  run: RecoveryRun,
  intent: Intent,
  kind: Kind,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const { pointId } = intent;
  const on: OnHost = { host: intent.host, computerName: intent.computerName ?? run.computerName };
  const own = { ...on, id, created: intent.time, pointId };
  await run.update(
    (ledger) =>
      kind === 'checkpoint'
        ? withCheckpoint(ledger, { ...own, kept: false }, intent.id)
        : withReferencePoint(ledger, own, intent.id),
    signal,
  );
  if (run.dryRun) run.note(kind, id, WOULD[kind]);
}

/**
 * Reports checkpoints that appeared since the intent but cannot be its result, and leaves them
 * alone.
 */
async function noteOthers(run: RecoveryRun, intent: Intent, signal: AbortSignal): Promise<void> {
  const now = await run.deps.host.listCheckpoints(run.vmId, signal);
  for (const { id } of newCheckpoints(run.ledger, intent, now)) {
    run.note('unclear', id, UNCLEAR.checkpoint);
  }
}

const drop = (run: RecoveryRun, intent: Intent, signal: AbortSignal): Promise<void> =>
  run.update((ledger) => withoutIntent(ledger, intent.id), signal);

const WOULD: Readonly<Record<Kind, string>> = {
  checkpoint: 'a backup checkpoint of ours: destroyed',
  referencePoint: 'a reference point of ours that no point needs: destroyed',
};

const UNCLEAR: Readonly<Record<Kind, string>> = {
  checkpoint:
    'a backup checkpoint that appeared after an interrupted call and may belong to another product: left alone',
  referencePoint:
    'a reference point that appeared after an interrupted call and may belong to another product: left alone',
};
