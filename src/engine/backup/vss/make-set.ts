import { randomUUID } from 'node:crypto';
import { delay } from '../../base/abort.ts';
import { isEngineError } from '../../base/errors.ts';
import { durationWords } from '../../base/words/duration.ts';
import type { Guid } from '../../base/guid.ts';
import type { ShadowSet, VssRequestor } from '../../vss/requestor.ts';
import { pass, type LedgerKeeper, type RunDeps } from '../context/run-context.ts';
import type { ShadowHost } from '../host/shadow-host.ts';
import { withoutSet, withSet, type OwnSet } from '../ledger/own-sets.ts';
import type { SetPlan } from './plan-set.ts';

/** Number of tries of a step that may succeed later (reference 3.3). */
const TRIES = 3;
/** Seconds between them. */
export const DEFAULT_VSS_WAIT_SECONDS = 600;
/** Time limit for recording what was removed, also after the run was cancelled. */
const RECORD_MS = 60_000;

/** A set that was made, and the requestor that ends it. */
export interface MadeSet {
  readonly set: ShadowSet;
  readonly requestor: VssRequestor;
  /** Removes the set from the host, and then from the ledgers. Throws if it is still there, or if `signal` fires. */
  readonly remove: (signal: AbortSignal) => Promise<void>;
}

export interface SetRun {
  readonly deps: RunDeps;
  readonly shadows: ShadowHost;
  readonly plan: SetPlan;
  readonly computerName: string | null;
  /** Ledgers of all VMs of the set. */
  readonly keepers: readonly LedgerKeeper[];
  readonly waitSeconds: number;
}

/**
 * Makes the shadow copy set: the intent is in the ledger of every VM before, its id after. A step that may
 * succeed later is repeated. After a failure nothing of it is left, or the ledgers still name it.
 */
export async function makeSet(run: SetRun, signal: AbortSignal): Promise<MadeSet> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryOnce(run, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error, 'vss.busy') || attempt === TRIES) throw error;
      const { progress, log } = run.deps;
      const wait = durationWords(run.waitSeconds * 1000);
      const message = `Waiting ${wait} for try ${attempt + 1} of ${TRIES}: ${error.message}`;
      log({ level: 'warn', area: 'backup', message });
      progress.phase(message, 0);
      await delay(run.waitSeconds * 1000, signal);
    }
  }
}

async function tryOnce(run: SetRun, signal: AbortSignal): Promise<MadeSet> {
  const { deps, shadows, plan } = run;
  const volumes = plan.volumes.map(({ volume }) => volume);
  const [first] = plan.vms;
  const folder = shadows.newFolder();
  const requestor = await shadows.requestor(folder, signal);
  const intent: OwnSet = {
    id: randomUUID(),
    time: new Date(deps.now()).toISOString(),
    host: deps.host.url,
    computerName: run.computerName,
    folder,
    volumes,
    existing: (await shadows.list(signal)).shadows.map(({ id }) => id),
    set: null,
    ...(requestor.kind === 'vssapi' ? { volatile: true } : {}),
  };
  if (first !== undefined) await pass(deps, first.id, 'set.intended');
  const record = async (set: Guid | null, until: AbortSignal): Promise<void> => {
    for (const keeper of run.keepers) {
      await keeper.update((ledger) => withSet(ledger, { ...intent, set }), until);
    }
  };
  const forget = async (): Promise<void> => {
    const until = AbortSignal.timeout(RECORD_MS);
    for (const keeper of run.keepers) {
      await keeper.update((ledger) => withoutSet(ledger, intent.id), until);
    }
  };
  await record(null, signal);
  const begun = deps.now();
  deps.progress.phase('Shadow copies on the host', 0);
  try {
    const onSet = (set: Guid): Promise<void> => record(set, AbortSignal.timeout(RECORD_MS));
    await requestor.begin({ vms: plan.vms.map(({ id }) => id), volumes, onSet }, signal);
    const set = await requestor.create(signal);
    const took = durationWords(deps.now() - begun);
    const words = `The host made the shadow copy set ${set.id} of ${volumes.length} volumes in ${took}`;
    if (first !== undefined) await pass(deps, first.id, 'set.made', words);
    const remove = async (until: AbortSignal): Promise<void> => {
      await requestor.close(until);
      await forget();
    };
    return { set, requestor, remove };
  } catch (error) {
    await giveUp(requestor, forget, run, error, signal);
    throw error;
  }
}

/** Errors after which the requestor's work has ended. After any other one diskshadow may run on. */
const ENDED = [
  'vss.answer',
  'vss.busy',
  'vss.component',
  'vss.denied',
  'vss.failed',
  'vss.missing',
  'vss.storage',
  'vss.volume',
  'vss.writer',
] as const;

/**
 * Removes what a failed try made. If diskshadow may run on, as after a cancellation, the intent stays in
 * the ledgers: recovery finds what it made.
 */
async function giveUp(
  requestor: VssRequestor,
  forget: () => Promise<void>,
  { deps }: SetRun,
  cause: unknown,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (!isEngineError(cause, ...ENDED) && requestor.kind === 'diskshadow') return;
    await requestor.abort();
    await requestor.close(signal);
    await forget();
  } catch (error) {
    const message = `After the failure, the shadow copies could not be removed now: ${(error as Error).message}`;
    deps.log({ level: 'warn', area: 'backup', message });
  }
}
