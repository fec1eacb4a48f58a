import type { LeaseClock } from './lease-clock.ts';
import type { LatestLease, LeaseOwner, LeaseState } from './lease-file.ts';
import { ownLeases } from './own-leases.ts';
import { sameMachine } from './machine/same-machine.ts';

/**
 * Time in milliseconds without a change of its file after which a lease is stale and can be taken
 * over.
 */
export const STALE_MS = 60_000;
const LOOK_EVERY_MS = 2000;

/** The verdict: `held`, or free to be taken over. `latest` is the lease as last read. */
export interface HolderVerdict {
  readonly verdict: 'held' | 'free';
  readonly latest: LatestLease;
}

export interface Watch {
  readonly read: () => Promise<LatestLease | undefined>;
  /** The process that wants the lease. */
  readonly asker: LeaseOwner;
  readonly clock: LeaseClock;
  /** Called once before the file is watched, which takes up to a minute. */
  readonly onWatch: (latest: LatestLease) => void;
}

/**
 * Decides whether a holder that has not released its lease is alive.
 * - Its process certainly ran on this machine and has ended: free at once.
 * - Its process certainly runs on this machine and its last heartbeat looks recent: held.
 * - Anything else: held if the file changes while it is watched, free if it does not change for a
 *   minute.
 *
 * Clocks only decide how soon the lease is refused: a lease is never taken over because a time
 * looks old. The minute is counted in looks, so that a watcher that was suspended between two looks
 * does not count that time against the holder.
 */
export async function watchHolder(
  latest: LatestLease,
  watch: Watch,
  signal: AbortSignal,
): Promise<HolderVerdict> {
  const { clock, read } = watch;
  const life = latest.state === undefined ? 'unknown' : await lifeOf(latest.state, watch);
  if (life === 'gone') return { verdict: 'free', latest };
  if (life === 'alive' && looksYoung(latest.state, clock)) return { verdict: 'held', latest };
  watch.onWatch(latest);
  for (let watched = 0; watched < STALE_MS; watched += LOOK_EVERY_MS) {
    await clock.wait(LOOK_EVERY_MS, signal);
    const now = await read();
    if (now === undefined) return { verdict: 'free', latest };
    if (now.token !== latest.token || now.text !== latest.text) {
      return { verdict: now.state?.released === true ? 'free' : 'held', latest: now };
    }
  }
  return { verdict: 'free', latest };
}

/**
 * Returns whether the holder's process is alive. `unknown` for another machine, boot or PID
 * namespace, or if one of them is unknown.
 */
async function lifeOf(
  state: LeaseState,
  { asker, clock }: Watch,
): Promise<'alive' | 'gone' | 'unknown'> {
  if (!sameMachine(state, asker)) return 'unknown';
  if (!clock.isAlive(state.pid)) return 'gone';
  if (state.pid === process.pid && typeof state.id === 'string') {
    return ownLeases.has(state.id) ? 'alive' : 'gone';
  }
  const started = (await clock.startOf?.(state.pid)) ?? null;
  const recorded = state.started ?? null;
  // The process may have ended between the two looks; the next look detects that.
  if (started === null || recorded === null) return clock.isAlive(state.pid) ? 'alive' : 'gone';
  // If they differ, another process has the PID now.
  return started === recorded ? 'alive' : 'gone';
}

function looksYoung(state: LeaseState | undefined, clock: LeaseClock): boolean {
  if (state === undefined) return false;
  const age = clock.now() - Date.parse(state.heartbeat);
  return age >= 0 && age <= STALE_MS;
}
