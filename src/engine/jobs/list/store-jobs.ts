import { hostname } from 'node:os';
import type { JobInfo } from '../../api/jobs.ts';
import { storedJobs } from '../store/stored-jobs.ts';
import type { StoredState } from '../store/stored-state.ts';
import { systemLeaseClock } from '../../backup/lease/lease-clock.ts';
import { readLatestLease, type LeaseState } from '../../backup/lease/lease-file.ts';
import type { MachineIdentity } from '../../backup/lease/machine/machine-identity.ts';
import { sameMachine } from '../../backup/lease/machine/same-machine.ts';
import { thisMachine } from '../../backup/lease/machine/this-machine.ts';
import { openStoreAt, plainTarget } from '../../backup/store/store-kinds.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { describeVms, type StoredVm } from '../../backup/points/vm-names.ts';
import { SILENT_MS, type JobClock } from './own-jobs.ts';

/**
 * Minimum interval between two reads of a store, in milliseconds: it may be a slow share, and lists
 * are requested every second.
 */
const EVERY_MS = 3000;
/**
 * Time in milliseconds that a list waits for a store before it returns the last known jobs: a share
 * that hangs must not hide this machine's jobs.
 */
const PATIENCE_MS = 2000;

interface Seen {
  readonly heartbeat: string;
  /** When this heartbeat was first seen, and whether an older one was seen before. */
  readonly since: number;
  readonly moved: boolean;
}

interface KnownStore {
  lookedAt: number;
  looking: Promise<void> | undefined;
  jobs: readonly JobInfo[];
  readonly seen: Map<string, Seen>;
}

/** Backups that are recorded in stores: from other machines, other users, terminals. */
export class StoreJobs {
  readonly #clock: JobClock;
  readonly #stores = new Map<string, KnownStore>();

  constructor(clock: JobClock = systemLeaseClock) {
    this.#clock = clock;
  }

  /**
   * Lists the running backups known after a short wait. Skips a store that cannot be read; its own
   * view shows the reason.
   */
  async list(paths: readonly string[], signal: AbortSignal): Promise<readonly JobInfo[]> {
    for (const path of this.#stores.keys()) if (!paths.includes(path)) this.#stores.delete(path);
    const all = await Promise.all([...new Set(paths)].map((path) => this.#of(path, signal)));
    return all.flat();
  }

  async #of(path: string, signal: AbortSignal): Promise<readonly JobInfo[]> {
    const store = this.#stores.get(path) ?? {
      lookedAt: Number.NEGATIVE_INFINITY,
      looking: undefined,
      jobs: [],
      seen: new Map<string, Seen>(),
    };
    this.#stores.set(path, store);
    if (store.looking === undefined && this.#clock.now() - store.lookedAt >= EVERY_MS) {
      store.looking = this.#look(path, store).finally(() => {
        store.looking = undefined;
        store.lookedAt = this.#clock.now();
      });
    }
    if (store.looking !== undefined) await within(store.looking, PATIENCE_MS, signal);
    return store.jobs;
  }

  async #look(path: string, known: KnownStore): Promise<void> {
    // The read continues if the list that started it is cancelled, for the benefit of the next
    // list.
    const signal = AbortSignal.timeout(60_000);
    try {
      const store = await openStoreAt(plainTarget(path), signal);
      const jobs: JobInfo[] = [];
      for (const vm of await describeVms(store, signal)) {
        jobs.push(...(await this.#ofVm(store, vm, known.seen, signal)));
      }
      known.jobs = jobs;
    } catch {
      known.jobs = [];
    }
  }

  async #ofVm(
    store: Store,
    vm: StoredVm,
    seen: Map<string, Seen>,
    signal: AbortSignal,
  ): Promise<readonly JobInfo[]> {
    const running: StoredState[] = [];
    for (const state of await storedJobs(store, vm.id, signal)) {
      if (state.state === 'running' && this.#beats(state, seen)) running.push(state);
    }
    if (running.length === 0) return [];
    const lease = (await readLatestLease(store, vm.id, signal).catch(() => undefined))?.state;
    const here = await thisMachine();
    return running.flatMap((state) => {
      const holder = lease?.job === state.job.id ? lease : undefined;
      return this.#died(holder, here) || lostTo(state, lease)
        ? []
        : [toInfo(state, holder, store.location, vm)];
    });
  }

  /**
   * Whether the heartbeat moves. The clocks of machines differ, so a heartbeat that was seen to
   * move counts, whatever its time.
   */
  #beats({ job, heartbeat }: StoredState, seen: Map<string, Seen>): boolean {
    const now = this.#clock.now();
    const before = seen.get(job.id);
    if (before?.heartbeat !== heartbeat) {
      seen.set(job.id, { heartbeat, since: now, moved: before !== undefined });
    }
    const { since, moved } = seen.get(job.id) as Seen;
    const fresh = Math.abs(now - Date.parse(heartbeat)) <= SILENT_MS;
    return fresh || (moved && now - since <= SILENT_MS);
  }

  /**
   * Whether the process has ended. The PID of another container or boot proves nothing here, even
   * under the same host name.
   */
  #died(holder: LeaseState | undefined, here: MachineIdentity): boolean {
    if (holder === undefined) return false;
    if (!sameMachine(holder, { machine: hostname(), ...here })) return false;
    return !this.#clock.isAlive(holder.pid);
  }
}

/**
 * Whether another job took the lease after this one began: then this job writes no more, whatever
 * its last state.
 */
function lostTo({ job, started }: StoredState, lease: LeaseState | undefined): boolean {
  if (lease === undefined || lease.job === job.id) return false;
  return Date.parse(lease.since) > Date.parse(started);
}

function toInfo(
  { job, pid, started, heartbeat }: StoredState,
  holder: LeaseState | undefined,
  store: string,
  vm: StoredVm,
): JobInfo {
  return {
    version: 1,
    id: job.id,
    title: vm.name === '' ? vm.id : vm.name,
    spec: { kind: 'backup', host: '', vm: vm.id, store, options: job.options },
    machine: holder?.machine ?? '',
    pid,
    state: 'running',
    queue: null,
    stopping: false,
    started,
    heartbeat,
    progress: null,
    result: null,
    error: null,
    elsewhere: true,
    owner: holder?.owner ?? null,
    ahead: null,
    log: null,
    trace: null,
  };
}

/** Settles with the work, after the timeout, or with the signal's reason; the work continues. */
async function within(
  work: Promise<void>,
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => undefined;
  const patience = new Promise<void>((resolve, reject) => {
    timer = setTimeout(resolve, milliseconds);
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    await Promise.race([work, patience]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
