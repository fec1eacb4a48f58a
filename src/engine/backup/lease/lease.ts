import { randomUUID } from 'node:crypto';
import { isEngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import { never } from '../../base/abort.ts';
import { systemLeaseClock, type LeaseClock } from './lease-clock.ts';
import { ownLeases } from './own-leases.ts';
import { heldError, waitText } from './held-error.ts';
import { STALE_MS, watchHolder } from './lease-stale.ts';
import {
  formatLease,
  leaseTokens,
  readLatestLease,
  type LatestLease,
  type LeaseOwner,
  type LeaseState,
} from './lease-file.ts';
import { leasePath } from '../store/contract/layout.ts';
import { storeError } from '../store/contract/store-errors.ts';
import type { Store } from '../store/contract/store.ts';

export const HEARTBEAT_MS = 10_000;

/**
 * Maximum age of a heartbeat that a check does not renew, in milliseconds. Renewing at each ledger
 * write would double its cost.
 */
const FRESH_MS = 3000;

/** Number of attempts after lost races. */
const ATTEMPTS = 5;

/**
 * The right to write one VM's points in one store.
 *
 * Each lease is a file `lease-<token>.json` that is created only if absent, so exactly one of
 * several processes gets token n+1. The highest token counts. Only the holder writes the file, to
 * renew its heartbeat. A token is never used twice, since the last file stays after release.
 * FORMAT.md explains what this guarantees, and what it cannot.
 */
export class Lease {
  readonly token: number;
  readonly #store: Store;
  readonly #vmId: Guid;
  readonly #clock: LeaseClock;
  readonly #stop = new AbortController();
  readonly #lost = new AbortController();
  #state: LeaseState;
  /** Time of the last heartbeat, by this machine's clock. */
  #written = Number.NEGATIVE_INFINITY;
  #renewing: Promise<void> = Promise.resolve();

  private constructor(store: Store, vmId: Guid, state: LeaseState, clock: LeaseClock) {
    this.token = state.token;
    this.#store = store;
    this.#vmId = vmId;
    this.#state = state;
    this.#clock = clock;
  }

  /**
   * Takes the lease: a free one at once, a stale one with the next token, after watching its file.
   * Throws `lease.held`, which names the holder.
   * @param tell receives the text to show while the file is watched, which takes up to a minute.
   */
  static async acquire(
    store: Store,
    vmId: Guid,
    owner: LeaseOwner,
    signal: AbortSignal,
    clock: LeaseClock = systemLeaseClock,
    tell: (text: string) => void = () => undefined,
  ): Promise<Lease> {
    const asker: Asker = { store, vmId, owner, clock, tell };
    const id = randomUUID();
    for (let attempt = 1; ; attempt++) {
      const latest = await freeLease(asker, signal);
      const token = (latest?.token ?? 0) + 1;
      const time = new Date(clock.now()).toISOString();
      const state: LeaseState = {
        version: 1,
        token,
        id,
        owner: owner.owner,
        machine: owner.machine,
        pid: owner.pid,
        job: owner.job,
        boot: owner.boot ?? null,
        namespace: owner.namespace ?? null,
        started: owner.started ?? null,
        since: time,
        heartbeat: time,
        beats: 0,
        released: false,
      };
      const path = leasePath(vmId, token);
      if (await createOwn(store, path, formatLease(state), signal)) {
        ownLeases.add(id);
        const tokens = await leaseTokens(store, vmId, signal).catch((error: unknown) => {
          ownLeases.delete(id);
          throw error;
        });
        if (tokens.at(-1) === token) {
          const lease = new Lease(store, vmId, state, clock);
          if (await lease.#begin(tokens, signal)) return lease;
        } else {
          // Other processes took and released higher tokens meanwhile, so ours never counted.
          ownLeases.delete(id);
          await store.remove(path, signal);
        }
      }
      if (attempt === ATTEMPTS) throw heldError(await readLatestLease(store, vmId, signal));
    }
  }

  /**
   * Fires when the lease is lost. The reason is `lease.lost`, or `store.absent` if the store is
   * missing.
   */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Checks the lease before convert, commit and destroy: reads the token, renews the heartbeat, and
   * reads the token again. Throws `lease.lost` if another process has taken over, or the lease was
   * released.
   */
  async assertHeld(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#lost.signal.aborted) throw this.#lost.signal.reason;
    if (this.#stop.signal.aborted) throw this.#fail('it was released');
    await this.#mustBeHighest(signal);
    if (this.#isFresh()) return;
    await this.#writeHeartbeat(signal);
    await this.#mustBeHighest(signal);
  }

  /**
   * Whether the file was written so recently that no other process can have watched it for a minute
   * since. False if the clock went back.
   */
  #isFresh(): boolean {
    const age = this.#clock.now() - this.#written;
    return age >= 0 && age < FRESH_MS;
  }

  /** Releases the lease. Others can take it at once. Leaves a lost lease alone. Never throws. */
  async release(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(new Error('released'));
    await this.#renewing;
    if (typeof this.#state.id === 'string') ownLeases.delete(this.#state.id);
    if (this.#lost.signal.aborted) return;
    try {
      await this.#mustBeHighest(never);
      this.#state = { ...this.#state, released: true };
      await this.#writeHeartbeat(never);
    } catch {
      // The next process finds a lease that is not renewed, and takes it over.
    }
  }

  /**
   * Writes the first heartbeat before anything is done under the lease. Returns false if another
   * process has taken over: this one may have been suspended after it created the file.
   */
  async #begin(tokens: readonly number[], signal: AbortSignal): Promise<boolean> {
    try {
      await this.assertHeld(signal);
      await this.#removeOlder(tokens);
    } catch (error) {
      await this.release();
      if (isEngineError(error, 'lease.lost')) return false;
      throw error;
    }
    this.#renewing = this.#renewLoop();
    return true;
  }

  async #renewLoop(): Promise<void> {
    const stop = this.#stop.signal;
    while (!stop.aborted && !this.#lost.signal.aborted) {
      try {
        await this.#clock.wait(HEARTBEAT_MS, stop);
        await this.#mustBeHighest(stop);
        await this.#writeHeartbeat(stop);
      } catch (error) {
        // The store is not mounted any more, so the run cannot save anything.
        if (isEngineError(error, 'store.absent') && !stop.aborted) this.#lost.abort(error);
        // Released, lost (then `lost` has fired), or a temporary failure of the store: the next
        // beat tries again, and assertHeld checks before anything that matters.
      }
    }
  }

  async #mustBeHighest(signal: AbortSignal): Promise<void> {
    const tokens = await leaseTokens(this.#store, this.#vmId, signal);
    const highest = tokens.at(-1);
    if (highest === this.token) return;
    throw this.#fail(
      highest === undefined || highest < this.token
        ? 'its file is missing'
        : `another process has taken token ${highest}`,
    );
  }

  async #writeHeartbeat(signal: AbortSignal): Promise<void> {
    const heartbeat = new Date(this.#clock.now()).toISOString();
    this.#state = { ...this.#state, heartbeat, beats: (this.#state.beats ?? 0) + 1 };
    const path = leasePath(this.#vmId, this.token);
    const started = this.#clock.now();
    // Needs no durability: after a power loss the holder is dead anyway.
    await this.#store.replaceFile(path, formatLease(this.#state), signal, 'passing');
    this.#written = started;
  }

  #fail(why: string): Error {
    const error = storeError(
      'lease.lost',
      `The lease on VM ${this.#vmId} in ${this.#store.location} (token ${this.token}) is lost: ${why}`,
      { data: { store: this.#store.location, vm: this.#vmId, token: this.token } },
    );
    if (!this.#stop.signal.aborted) this.#lost.abort(error);
    return error;
  }

  async #removeOlder(tokens: readonly number[]): Promise<void> {
    for (const token of tokens) {
      if (token >= this.token) continue;
      // A file that a power loss brings back has a lower token and does not count.
      const path = leasePath(this.#vmId, token);
      await this.#store.remove(path, never, 'passing').catch(() => undefined);
    }
  }
}

/** Creates the lease file. If the answer was lost but the file is ours, removes the file again. */
async function createOwn(
  store: Store,
  path: string,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await store.createAbsent(path, bytes, signal);
  } catch (error) {
    const found = await store.readFile(path, bytes.length, never).catch(() => undefined);
    if (found !== undefined && Buffer.compare(found, bytes) === 0) {
      await store.remove(path, never).catch(() => undefined);
    }
    // The holder of the lease removed the unfinished file as a leftover: the race is lost.
    if (isEngineError(error, 'source.notFound')) return false;
    throw error;
  }
}

interface Asker {
  readonly store: Store;
  readonly vmId: Guid;
  readonly owner: LeaseOwner;
  readonly clock: LeaseClock;
  readonly tell: (text: string) => void;
}

/**
 * Returns the latest lease once it is free; undefined if there has never been one. Throws
 * `lease.held`.
 */
async function freeLease(asker: Asker, signal: AbortSignal): Promise<LatestLease | undefined> {
  const { store, vmId, owner, clock, tell } = asker;
  const read = (): Promise<LatestLease | undefined> => readLatestLease(store, vmId, signal);
  const found = await read();
  if (found === undefined || found.state?.released === true) return found;
  const onWatch = (seen: LatestLease): void => tell(waitText(seen, STALE_MS / 1000));
  const { verdict, latest } = await watchHolder(
    found,
    { read, asker: owner, clock, onWatch },
    signal,
  );
  if (verdict === 'held') throw heldError(latest);
  return latest;
}
