import type { BackupOptions } from '../../api/backup.ts';
import { randomUUID } from 'node:crypto';
import { delay } from '../../base/abort.ts';
import { EngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import type { Durability } from '../../source/platform/durability.ts';
import { MAX_TEXT, shortText } from '../../backup/manifest/bounds.ts';
import { runBackup, type BackupResult } from '../../backup/run/run-backup.ts';
import type { RunDeps } from '../../backup/context/run-context.ts';
import { storedJobs } from './job-list.ts';
import type { BackupJob, JobState } from './job-state.ts';
import { jobFolder } from '../../backup/store/contract/layout.ts';
import type { Store } from '../../backup/store/contract/store.ts';

export function newBackupJob(vm: string, options: BackupOptions): BackupJob {
  return { version: 1, id: randomUUID(), kind: 'backup', vm, options };
}

const HEARTBEAT_MS = 5000;
/** Maximum number of finished jobs that are kept for each VM. */
const KEEP = 20;
const FORGET_SILENT_MS = 7 * 24 * 3_600_000;

/**
 * Runs a job to its end and records its state in the store. `killAt` ends the process at an edge,
 * for tests of recovery.
 */
export async function runJob(
  job: BackupJob,
  vmId: Guid,
  deps: RunDeps,
  killAt: string | undefined,
  signal: AbortSignal,
): Promise<BackupResult> {
  const writer = await JobWriter.begin(deps.store, vmId, job, signal);
  try {
    const withEdges: RunDeps = {
      ...deps,
      onEdge: async (edge) => {
        if (edge === killAt) process.kill(process.pid, 'SIGKILL');
        await deps.onEdge(edge);
        await writer.update({ edge });
      },
    };
    const result = await runBackup(withEdges, vmId, job.options, job.id, signal);
    await writer.end({ state: 'done', point: result.manifest.id });
    return result;
  } catch (error) {
    const { message } = error as Error;
    const code = error instanceof EngineError ? error.code : 'internal';
    await writer.end({
      state: signal.aborted ? 'cancelled' : 'failed',
      error: { code, message: shortText(message, MAX_TEXT) },
    });
    throw error;
  }
}

class JobWriter {
  readonly #store: Store;
  readonly #path: string;
  readonly #stop = new AbortController();
  #state: JobState;
  #writing: Promise<void> = Promise.resolve();
  #beating: Promise<void> = Promise.resolve();

  private constructor(store: Store, path: string, state: JobState) {
    this.#store = store;
    this.#path = path;
    this.#state = state;
  }

  static async begin(
    store: Store,
    vmId: Guid,
    job: BackupJob,
    signal: AbortSignal,
  ): Promise<JobWriter> {
    await forgetOldJobs(store, vmId, signal);
    const time = new Date().toISOString();
    const state: JobState = {
      version: 1,
      job,
      pid: process.pid,
      state: 'running',
      edge: null,
      started: time,
      heartbeat: time,
      point: null,
      error: null,
    };
    const writer = new JobWriter(store, `${jobFolder(vmId, job.id)}/state.json`, state);
    await writer.update({});
    writer.#beating = writer.#beat();
    return writer;
  }

  /** Writes the state. Failures are ignored, since the state is only for display. */
  async update(change: Partial<JobState>, durability: Durability = 'passing'): Promise<void> {
    this.#state = { ...this.#state, ...change, heartbeat: new Date().toISOString() };
    const bytes = new TextEncoder().encode(`${JSON.stringify(this.#state, undefined, 2)}\n`);
    this.#writing = this.#writing
      .then(() =>
        this.#store.replaceFile(this.#path, bytes, AbortSignal.timeout(30_000), durability),
      )
      .catch(() => undefined);
    await this.#writing;
  }

  async end(change: Partial<JobState>): Promise<void> {
    this.#stop.abort();
    await this.#beating;
    // The point's manifest shows whether the run made a point. This record only needs to be
    // readable after a power loss.
    await this.update(change, 'whole');
  }

  async #beat(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await delay(HEARTBEAT_MS, signal).catch(() => undefined);
      if (!signal.aborted) await this.update({});
    }
  }
}

/** A crashed job stays "running" on disk; it counts as ended after a week without a heartbeat. */
function hasEnded({ state, heartbeat }: JobState): boolean {
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
