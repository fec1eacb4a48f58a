import type { Guid } from '../../base/guid.ts';
import { isEngineError } from '../../base/errors.ts';
import type { HostShadow } from '../../vss/wmi/list-shadows.ts';
import type { ShadowHost } from '../host/shadow-host.ts';
import { withoutSet, type OwnSet } from '../ledger/own-sets.ts';
import type { RecoveryRun } from './recovery-run.ts';

/** diskshadow may run on after the connection to it was lost; later its result is final. */
const MAY_RUN_MS = 30 * 60_000;

/** PowerShell may still be starting, and make the folder, after that connection was lost. */
const MAY_START_MS = 120_000;

/** Outcome of an intent. */
type Found =
  | { readonly outcome: 'ours'; readonly set: Guid }
  /** None was made, or it is gone. */
  | { readonly outcome: 'none' }
  | { readonly outcome: 'running' | 'unclear' };

/**
 * Removes the shadow copy sets that interrupted runs left on this host, and their folders: exactly
 * those whose id our ledger or our own log names, or a single new set that fits. Every other shadow
 * copy is left alone.
 */
export async function recoverSets(run: RecoveryRun, signal: AbortSignal): Promise<void> {
  for (const own of run.ledger.sets ?? []) {
    if (run.whereabouts(own) === 'elsewhere') continue;
    const { shadows } = run.deps.host;
    if (shadows === undefined) {
      run.note('left', own.set ?? own.folder, 'shadow copies of ours: this host cannot be asked');
      continue;
    }
    if (own.volatile === true) await recoverVolatile(run, own, shadows, signal);
    else await recoverSet(run, own, shadows, signal);
  }
}

/** Forgets a set that Windows removed when its process ended. */
async function recoverVolatile(
  run: RecoveryRun,
  own: OwnSet,
  shadows: ShadowHost,
  signal: AbortSignal,
): Promise<void> {
  const listed = (await shadows.list(signal)).shadows;
  if (own.set !== null && listed.some((each) => each.set === own.set)) {
    run.note('left', own.set, WORDS.releasing);
    return;
  }
  await run.update((ledger) => withoutSet(ledger, own.id), signal);
}

async function recoverSet(
  run: RecoveryRun,
  own: OwnSet,
  shadows: ShadowHost,
  signal: AbortSignal,
): Promise<void> {
  let found: Found;
  try {
    found = await findSet(run, own, shadows, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    run.note('left', own.set ?? own.folder, `${LEFT}: ${error.message}`);
    return;
  }
  if (found.outcome === 'running' || found.outcome === 'unclear') {
    const kind = found.outcome === 'running' ? 'left' : 'unclear';
    run.note(kind, own.folder, WORDS[found.outcome]);
    return;
  }
  const set = found.outcome === 'ours' ? found.set : null;
  const remove = (): Promise<void> => shadows.remove(own.folder, set, signal);
  const before = run.items.length;
  if (!(await run.remove('shadowSet', set ?? own.folder, WORDS.removed, remove, signal))) return;
  // A folder without a set is not worth a line.
  if (set === null) run.items.splice(before, 1);
  await run.update((ledger) => withoutSet(ledger, own.id), signal);
}

async function findSet(
  { deps }: RecoveryRun,
  own: OwnSet,
  shadows: ShadowHost,
  signal: AbortSignal,
): Promise<Found> {
  const listed = (await shadows.list(signal)).shadows;
  const isListed = (set: Guid): boolean => listed.some((each) => each.set === set);
  const age = deps.now() - Date.parse(own.time);
  const mayStart = age >= 0 && age < MAY_START_MS;
  const claims = newSets(own, listed);
  // Without a new set, a young log would not tell more.
  if (own.set === null && claims.length === 0 && mayStart) return { outcome: 'running' };
  const known = own.set ?? (await setInLog(shadows, own, signal));
  // Without the folder diskshadow was never started, so that no set can be ours.
  if (known === null) return { outcome: mayStart ? 'running' : 'none' };
  if (known !== undefined) {
    return isListed(known) ? { outcome: 'ours', set: known } : { outcome: 'none' };
  }
  const [only, ...more] = claims;
  if (only !== undefined) {
    return more.length === 0 ? { outcome: 'ours', set: only } : { outcome: 'unclear' };
  }
  const mayRun = age >= 0 && age < MAY_RUN_MS;
  return { outcome: mayRun ? 'running' : 'none' };
}

/**
 * Returns the set that our own log names; null if the log shows that none was made, or if the folder
 * was never made; undefined if the log does not show its end yet.
 */
async function setInLog(
  shadows: ShadowHost,
  { folder }: OwnSet,
  signal: AbortSignal,
): Promise<Guid | null | undefined> {
  const log = await shadows.look(folder, signal);
  if (log === undefined) return null;
  if (log === null) return undefined;
  return log.set ?? undefined;
}

/**
 * Returns the sets that appeared since the intent and fit it: persistent copies of exactly its
 * volumes, in which writers took part.
 */
function newSets(
  { existing, volumes, time, folder }: OwnSet,
  listed: readonly HostShadow[],
): Guid[] {
  const before = new Set(existing.map((id) => id.toLowerCase()));
  const wanted = new Set(volumes.map((each) => each.toLowerCase()));
  const sets = new Map<Guid, HostShadow[]>();
  for (const shadow of listed) {
    if (shadow.set !== null) sets.set(shadow.set, [...(sets.get(shadow.set) ?? []), shadow]);
  }
  const fits = (copies: readonly HostShadow[]): boolean =>
    copies.length === wanted.size &&
    copies.every(
      ({ id, volume, persistent, noWriters, clientAccessible, created, exposed }) =>
        !before.has(id) &&
        wanted.has(volume?.toLowerCase() ?? '') &&
        persistent &&
        !noWriters &&
        !clientAccessible &&
        // One that is mounted elsewhere belongs to another job.
        (exposed === null || exposed.toLowerCase().includes(folder.toLowerCase())) &&
        // The clocks of host and this computer may differ.
        (created === null || Date.parse(created) > Date.parse(time) - MAY_RUN_MS),
    );
  return [...sets].flatMap(([set, copies]) => (fits(copies) ? [set] : []));
}

const LEFT = 'shadow copies of ours: cannot be removed now, will be retried later';

const WORDS = {
  removed: 'shadow copies of ours: removed',
  releasing: 'shadow copies of ours: Windows has not removed them yet',
  running: 'shadow copies that diskshadow may still be making: left',
  unclear: 'several new shadow copy sets could be ours: left alone',
} as const;
