import type { LeaseClock } from './lease-clock.ts';
import type { LatestLease } from './lease-file.ts';

/** A holder that has not renewed for so long may be taken over. */
export const STALE_MS = 60_000;

/** Machines' clocks differ: a heartbeat that looks old must also not move for longer than one beat. */
const OBSERVE_MS = 12_000;
const LOOK_EVERY_MS = 2000;

/** How an unreleased lease stands: `held`, or free to be taken over. */
export type HolderVerdict = 'held' | 'free';

/**
 * Judges a holder that has not released.
 * - Its process is known to be dead on this machine: free at once.
 * - A heartbeat of the last minute: held.
 * - An older one: free if the file does not change while we watch for 12 s (at once on this machine,
 *   whose clock is ours).
 * - One from the future by more than a minute, or a file that cannot be read: only watching tells,
 *   for a whole minute.
 */
export async function watchHolder(
  latest: LatestLease,
  read: () => Promise<LatestLease | undefined>,
  machine: string,
  clock: LeaseClock,
  signal: AbortSignal,
): Promise<HolderVerdict> {
  const { state } = latest;
  const local = state?.machine === machine;
  if (state !== undefined && local && !clock.isAlive(state.pid)) return 'free';
  const age = state === undefined ? undefined : clock.now() - Date.parse(state.heartbeat);
  const told = age !== undefined && age >= -STALE_MS;
  if (told && age <= STALE_MS) return 'held';
  if (told && local) return 'free';
  const end = clock.now() + (told ? OBSERVE_MS : STALE_MS);
  while (clock.now() < end) {
    await clock.wait(LOOK_EVERY_MS, signal);
    const now = await read();
    if (now === undefined) return 'free';
    if (now.token !== latest.token || now.text !== latest.text) {
      return now.state?.released === true ? 'free' : 'held';
    }
  }
  return 'free';
}
