import { delay } from '../../base/abort.ts';
import { sameId, withoutCheckpoint, withoutIntent, type Ledger } from '../ledger/ledger.ts';
import type { RecoveryRun } from './recovery-run.ts';

const DESTROY_ATTEMPTS = 20;
const LOOK_EVERY_MS = 250;

/**
 * Destroys backup checkpoints of the ledger that this host lists, except those that were made by
 * hand to stay.
 */
export async function recoverCheckpoints(run: RecoveryRun, signal: AbortSignal): Promise<void> {
  for (const checkpoint of run.ledger.checkpoints) {
    const { id, kept } = checkpoint;
    const where = run.whereabouts(checkpoint);
    if (where === 'elsewhere') continue;
    if (!(await listsCheckpoint(run, id, signal))) {
      // A record of version 1 may belong to another host, so a checkpoint is only known to be gone
      // if it was found here.
      if (where !== 'here') continue;
      // A VM that moved to another node took its checkpoint along. Throws `host.vm.notFound`.
      await run.deps.host.identifyVm(run.vmId, signal);
      await forget(run, id, signal);
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

/**
 * Removes the checkpoint together with its conversion, so that a later object of another product is
 * never mistaken for its result.
 */
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
 * Returns whether this call destroyed it. A job of the interrupted run may still use it. Destroying
 * then fails and is retried, until the checkpoint has disappeared otherwise (converted).
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

/** Returns the ledger without the intent to convert a checkpoint. */
function withoutConversion(ledger: Ledger, checkpointId: string): Ledger {
  const intents = ledger.intents.filter(
    (each) => each.kind === 'referencePoint' && each.checkpointId === checkpointId,
  );
  return intents.reduce((next, { id }) => withoutIntent(next, id), ledger);
}
