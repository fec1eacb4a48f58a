import { isEngineError } from '../../../base/errors.ts';
import {
  markDestroyed,
  markReplaced,
  type Ledger,
  type OwnReferencePoint,
} from '../../ledger/ledger.ts';
import { whereabouts } from '../../ledger/this-host.ts';
import { pass } from '../../context/run-context.ts';
import type { Committed } from '../record/run-record.ts';

/**
 * Time limit for recording what was destroyed and for removing the export, if the run was
 * cancelled.
 */
const LASTING_MS = 60_000;

/**
 * Destroys the reference points that the new point replaces, and removes the export. The point is
 * complete even if this fails: each failure is a warning, stays in the ledger for the next run or
 * clean, and does not stop the other steps. Never throws.
 */
export async function finishPoint(point: Committed, signal: AbortSignal): Promise<void> {
  const { deps, keeper, lease, vm } = point;
  const attempt = new Attempts(point, signal);
  const old = superseded(point);
  const time = new Date(deps.now()).toISOString();
  const lasting = (): AbortSignal => (signal.aborted ? AbortSignal.timeout(LASTING_MS) : signal);
  await attempt.try('A reference point that it replaces', () =>
    pass(deps, vm.id, 'old.marked', old.length === 0 ? null : undefined),
  );
  const gone = new Set<string>();
  for (const { id } of old) {
    await attempt.try(`The reference point ${id}`, async () => {
      await lease.assertHeld(signal);
      await deps.host.destroyReferencePoint(vm.id, id, signal);
      gone.add(id);
    });
  }
  await attempt.try('A reference point that it replaces', async () => {
    const mark = (ledger: Ledger): Ledger =>
      old.reduce(
        (next, { id }) => (gone.has(id) ? markDestroyed : markReplaced)(next, id, time),
        ledger,
      );
    if (old.length > 0) await keeper.update(mark, lasting());
    const words =
      gone.size === 0 ? null : `Older reference points removed from the host: ${gone.size}`;
    await pass(deps, vm.id, 'old.destroyed', words);
  });
  await attempt.try('The export on the host', () => point.removeStaging(lasting()));
  await attempt.try('The export on the host', () =>
    pass(deps, vm.id, 'staging.removed', point.staging === null ? null : undefined),
  );
}

/**
 * Returns the reference points of earlier points on this host, except those made by hand and those
 * of other hosts.
 */
function superseded({
  keeper,
  vm,
  reference,
  computerName,
}: Committed): readonly OwnReferencePoint[] {
  // A record without a computer name belongs to this host if the host lists the point.
  const listed = new Set(vm.referencePoints.map(({ id }) => id.toLowerCase()));
  return keeper.ledger.referencePoints.filter((each) => {
    if (each.state === 'destroyed' || each.pointId === null || each.id === reference?.id)
      return false;
    const where = whereabouts(each, computerName);
    return where === 'here' || (where === 'unknown' && listed.has(each.id.toLowerCase()));
  });
}

/** Runs steps one after another; a failure is a warning. */
class Attempts {
  readonly #point: Committed;
  readonly #signal: AbortSignal;
  #cancelled = false;

  constructor(point: Committed, signal: AbortSignal) {
    this.#point = point;
    this.#signal = signal;
  }

  /** Runs one step. @param what begins the sentence of the warning. */
  async try(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#warn(what, error);
    }
  }

  /**
   * Adds a warning. Even a bug of the program is only a warning here, since the point is complete.
   * Cancellation is reported once.
   */
  #warn(what: string, error: unknown): void {
    const { deps, pointId, notes } = this.#point;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The point ${pointId} is complete. ${what} could not be removed now; the next run retries: ${reason}`;
    const cancelled = this.#signal.aborted && !isEngineError(error);
    if (cancelled && this.#cancelled) return;
    this.#cancelled ||= cancelled;
    deps.log({ level: 'warn', area: 'backup', message });
    const code = isEngineError(error) ? error.code : cancelled ? 'cancelled' : 'unfinished';
    notes.unfinished.push({ code, message });
  }
}
