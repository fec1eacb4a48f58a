import { delay } from '../../base/abort.ts';
import { sameId, withoutCheckpoint, withoutIntent, type Ledger } from '../ledger/ledger.ts';
import { whereabouts } from '../ledger/this-host.ts';
import type { RecoveryRun } from './recovery-run.ts';

const DESTROY_ATTEMPTS = 20;
const LOOK_EVERY_MS = 250;

/** Destroys backup checkpoints of the ledger that this host lists, except those that were made by hand to stay. */
export async function recoverCheckpoints(run: RecoveryRun, signal: AbortSignal): Promise<void> {
  for (const checkpoint of run.ledger.checkpoints) {
    const { id, kept } = checkpoint;
    const where = whereabouts(checkpoint, run.computerName);
    if (where === 'elsewhere') continue;
    if (!(await listsCheckpoint(run, id, signal))) {
      // A record of version 1 may be another host's: only what was found here is known to be gone.
      if (where === 'here') await forget(run, id, signal);
      continue;
    }
    if (kept) continue;
    let destroyed = true;
    const destroy = async (): Promise<void> => {
      destroyed = await destroyCheckpoint(run, id, signal);
    };
    const text = 'a backup checkpoint of ours: destroyed';
    if (!(await run.remove('checkpoint', id, text, destroy, signal))) continue;
    if (destroyed) run.destroyedCheckpoints.add(id);
    await forget(run, id, signal);
  }
}

/** In one step with its conversion: what another product makes later must never be taken for it. */
function forget(run: RecoveryRun, id: string, signal: AbortSignal): Promise<void> {
  const unconverted = run.destroyedCheckpoints.has(id);
  return run.update((ledger) => {
    const next = withoutCheckpoint(ledger, id);
    return unconverted ? withoutConversion(next, id) : next;
  }, signal);
}

async function listsCheckpoint(
  run: RecoveryRun,
  id: string,
  signal: AbortSignal,
): Promise<boolean> {
  const now = await run.deps.host.listCheckpoints(run.vmId, signal);
  return now.some((each) => sameId(each.id, id));
}

/**
 * Returns whether it was destroyed by us. A job of the run that was interrupted may still work on it: destroying then fails
 * and is tried again, until it is gone otherwise (converted).
 */
async function destroyCheckpoint(
  run: RecoveryRun,
  id: string,
  signal: AbortSignal,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run.deps.host.destroyCheckpoint(id, signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (!(await listsCheckpoint(run, id, signal))) return false;
      if (attempt >= DESTROY_ATTEMPTS) throw error;
      await delay(LOOK_EVERY_MS, signal);
    }
  }
}

/** A ledger without the intent to convert a checkpoint. */
function withoutConversion(ledger: Ledger, checkpointId: string): Ledger {
  const intents = ledger.intents.filter(
    (each) => each.kind === 'referencePoint' && each.checkpointId === checkpointId,
  );
  return intents.reduce((next, { id }) => withoutIntent(next, id), ledger);
}
