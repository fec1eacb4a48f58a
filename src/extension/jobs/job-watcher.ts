import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/api/jobs.ts';
import { requests } from '../../engine/api/methods.ts';
import type { Engine } from '../engine/engine.ts';
import { readStores } from '../stores.ts';

const RUNNING_MS = 700;
const IDLE_MS = 5000;

/** Looks at the jobs while any runs or their view is visible, and tells what changed. Never notifies by itself. */
export class JobWatcher implements vscode.Disposable {
  readonly #engine: Engine;
  readonly #changed = new vscode.EventEmitter<readonly JobInfo[]>();
  #jobs: readonly JobInfo[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<readonly JobInfo[]> | undefined;
  #visible = false;
  /** Jobs of this window that have not been seen ended yet. */
  readonly #awaited = new Map<string, (job: JobInfo) => void>();
  readonly #seen = new Map<string, (job: JobInfo) => void>();

  readonly onChanged = this.#changed.event;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get jobs(): readonly JobInfo[] {
    return this.#jobs;
  }

  set visible(visible: boolean) {
    this.#visible = visible;
    if (visible) void this.look();
  }

  /** Settles when the job ended; `onProgress` is told of each state before. */
  watch(id: string, onProgress: (job: JobInfo) => void): Promise<JobInfo> {
    this.#seen.set(id, onProgress);
    const ended = new Promise<JobInfo>((resolve) => {
      this.#awaited.set(id, resolve);
    });
    void this.look();
    return ended;
  }

  /** Asks now. Concurrent calls share one request. */
  async look(): Promise<readonly JobInfo[]> {
    this.#looking ??= this.#ask().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#changed.dispose();
  }

  async #ask(): Promise<readonly JobInfo[]> {
    clearTimeout(this.#timer);
    try {
      this.#jobs = await this.#engine.request(requests.listJobs, { stores: readStores() });
      this.#tell();
    } catch {
      // The engine is being started again; the next look finds the jobs where they are: on disk.
    }
    const running = this.#awaited.size > 0 || this.#jobs.some(({ state }) => state === 'running');
    if (running || this.#visible) {
      this.#timer = setTimeout(() => void this.look(), running ? RUNNING_MS : IDLE_MS);
    }
    return this.#jobs;
  }

  #tell(): void {
    this.#changed.fire(this.#jobs);
    for (const job of this.#jobs) {
      this.#seen.get(job.id)?.(job);
      if (job.state === 'running') continue;
      this.#seen.delete(job.id);
      const resolve = this.#awaited.get(job.id);
      this.#awaited.delete(job.id);
      resolve?.(job);
    }
  }
}
