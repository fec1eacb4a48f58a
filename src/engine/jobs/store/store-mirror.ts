import type { JobState } from '../../api/jobs.ts';
import type { Edge } from '../../backup/context/edges.ts';
import { MAX_TEXT, shortText } from '../../backup/manifest/bounds.ts';
import { jobFolder } from '../../backup/store/contract/layout.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import type { Guid } from '../../base/guid.ts';
import type { Durability } from '../../source/platform/durability.ts';
import { storedState, type StoredState } from './stored-state.ts';
import { storedJobs } from './stored-jobs.ts';

/** Maximum number of finished jobs that are kept for each VM. */
const KEEP = 20;
const FORGET_SILENT_MS = 7 * 24 * 3_600_000;
/** Time limit for one write: a share that hangs must not hold the job. */
const WRITE_MS = 30_000;

/** Mirrors the state of a backup in its store, for other machines. It has no state and no heartbeat of its own. */
export class StoreMirror {
  readonly #store: Store;
  readonly #vmId: Guid;
  #edge: Edge | null = null;
  #writing: Promise<void> = Promise.resolve();
  #pending = 0;

  private constructor(store: Store, vmId: Guid) {
    this.#store = store;
    this.#vmId = vmId;
  }

  /** Forgets old jobs of the VM, and writes the state for the first time. */
  static async begin(
    store: Store,
    vmId: Guid,
    state: JobState,
    signal: AbortSignal,
  ): Promise<StoreMirror> {
    await forgetOldJobs(store, vmId, signal);
    const mirror = new StoreMirror(store, vmId);
    await mirror.write(state);
    return mirror;
  }

  async passed(edge: Edge, state: JobState): Promise<void> {
    this.#edge = edge;
    await this.write(state);
  }

  /** Writes a heartbeat, unless a write is under way still. */
  async beat(state: JobState): Promise<void> {
    if (this.#pending === 0) await this.write(state);
  }

  /** Writes after the writes before it. Never fails: the state is for those who watch. */
  async write(state: JobState, durability: Durability = 'passing'): Promise<void> {
    const stored = storedState(state, this.#edge);
    if (stored === undefined) return;
    const { error } = stored;
    const bounded: StoredState = {
      ...stored,
      error: error === null ? null : { ...error, message: shortText(error.message, MAX_TEXT) },
    };
    const bytes = new TextEncoder().encode(`${JSON.stringify(bounded, undefined, 2)}\n`);
    const path = `${jobFolder(this.#vmId, state.id)}/state.json`;
    this.#pending++;
    this.#writing = this.#writing
      .then(() => this.#store.replaceFile(path, bytes, AbortSignal.timeout(WRITE_MS), durability))
      .catch(() => undefined)
      .finally(() => this.#pending--);
    await this.#writing;
  }
}

/** A crashed job stays "running" in the store; it is finished after a week without a heartbeat. */
function hasEnded({ state, heartbeat }: StoredState): boolean {
  return state !== 'running' || Date.now() - Date.parse(heartbeat) > FORGET_SILENT_MS;
}

/** Keeps the newest finished jobs and every unfinished one. */
async function forgetOldJobs(store: Store, vmId: Guid, signal: AbortSignal): Promise<void> {
  const done = (await storedJobs(store, vmId, signal)).filter(hasEnded);
  done.sort((a, b) => (a.started < b.started ? 1 : -1));
  for (const { job } of done.slice(KEEP)) {
    await store.remove(jobFolder(vmId, job.id), signal, 'passing');
  }
}
