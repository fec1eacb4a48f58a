import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/api/jobs.ts';
import { requests } from '../../engine/api/methods.ts';
import type { Engine } from '../engine/engine.ts';
import { codeOf } from '../errors/own-failure.ts';
import { showError } from '../errors/present-error.ts';
import { withNotification } from '../ask/messages.ts';
import type { Output } from '../output/output.ts';
import { progressText, stateText } from './job-text.ts';
import type { FollowedJob, FollowedJobs } from './followed-jobs.ts';
import { sayEnd, sayEnds, type SubjectOf } from './job-end.ts';
import { JobStatusBar } from './job-status-bar.ts';
import type { JobWatcher } from './job-watcher.ts';

interface Parts {
  readonly engine: Engine;
  readonly watcher: JobWatcher;
  readonly output: Output;
  readonly followed: FollowedJobs;
  readonly subjectOf: SubjectOf;
}

/**
 * Tells the person of the jobs that they started in this window: one alone in a notification that can cancel it, several in the
 * status bar; at the end one message for those that were started together.
 */
export class JobFollower implements vscode.Disposable {
  readonly #parts: Parts;
  readonly #bar = new JobStatusBar();
  /** By id, what goes on with each that is followed now. */
  readonly #now = new Map<string, string>();
  /** Closes the notification: from then on the status bar tells. */
  #closeNotification: (() => void) | undefined;
  #progress: ((text: string, percent: number | undefined) => void) | undefined;
  /** Jobs that are to be cancelled and had not written a state yet. */
  readonly #unheard = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A job that was started and is about to be followed: a reload of the window does not lose it. */
  async keep(job: FollowedJob): Promise<void> {
    await this.#parts.followed.add([job]);
  }

  /** Follows jobs that were started together, to the end of the last. */
  async follow(jobs: readonly FollowedJob[]): Promise<readonly JobInfo[]> {
    await this.#parts.followed.add(jobs);
    return this.#follow(jobs, false);
  }

  /** After a reload: the jobs that this window followed before go on being followed. */
  async resume(): Promise<void> {
    const before = this.#parts.followed.all.filter(({ id }) => !this.#now.has(id));
    if (before.length > 0) await this.#follow(before, true);
  }

  dispose(): void {
    this.#closeNotification?.();
    this.#bar.dispose();
  }

  async #follow(jobs: readonly FollowedJob[], resumed: boolean): Promise<readonly JobInfo[]> {
    const { output } = this.#parts;
    const others = this.#now.size > 0;
    for (const { id, title } of jobs) this.#now.set(id, title);
    const [only, ...more] = jobs;
    const alone = only !== undefined && more.length === 0 && !others;
    if (!alone) this.#closeNotification?.();
    const all = jobs.map((job) => this.#one(job, resumed));
    if (alone) this.#notify(only, all[0]);
    else this.#bar.show(this.#lines());
    const ended: JobInfo[] = [];
    for (const result of await Promise.allSettled(all)) {
      if (result.status === 'fulfilled') ended.push(result.value);
      // A job that was removed from the list meanwhile was seen elsewhere.
      else if (!resumed || codeOf(result.reason) !== 'job.silent') {
        void showError(output, result.reason);
      }
    }
    // Not awaited: a message that nobody answers must not hold anything.
    this.#say(ended).catch((error: unknown) => showError(output, error));
    return ended;
  }

  async #one({ id, title }: FollowedJob, resumed: boolean): Promise<JobInfo> {
    const { watcher, followed, output } = this.#parts;
    output.engine.info(
      resumed
        ? vscode.l10n.t('Job {0} ({1}): followed again', title, id)
        : vscode.l10n.t('Job {0} ({1}): started', title, id),
    );
    try {
      const tell = (job: JobInfo): void => {
        // Asked for before the job had said that it is there.
        if (this.#unheard.delete(id)) void this.#cancel(id);
        this.#now.set(id, `${title}: ${progressText(job)}`);
        this.#progress?.(progressText(job), job.progress?.percent ?? undefined);
        this.#bar.update(this.#lines());
      };
      const job = await (resumed ? watcher.watch(id, tell, 1) : watcher.watch(id, tell));
      output.engine.info(endWords(job));
      return job;
    } finally {
      this.#now.delete(id);
      this.#unheard.delete(id);
      await followed.remove(id);
      if (this.#now.size === 0) this.#bar.hide();
      else this.#bar.update(this.#lines());
    }
  }

  #notify({ id, title }: FollowedJob, ended: Promise<unknown> | undefined): void {
    const closed = Promise.withResolvers<void>();
    const close = (): void => {
      if (this.#closeNotification !== close) return;
      this.#closeNotification = undefined;
      this.#progress = undefined;
      closed.resolve();
    };
    this.#closeNotification = close;
    void withNotification(title, true, async (report, token) => {
      let last = '';
      // A bar that has never been told how far it is goes back and forth instead.
      let filled = 0;
      this.#progress = (text, percent = filled) => {
        if (text === last && percent <= filled) return;
        const shown = token.isCancellationRequested ? last : text;
        if (percent > filled) report(shown, percent - filled);
        else if (shown !== last) report(shown);
        filled = Math.max(filled, percent);
        last = shown;
      };
      token.onCancellationRequested(() => {
        report(vscode.l10n.t('cancelling…'));
        void this.#cancel(id);
      });
      await closed.promise;
      if (filled > 0) report(last, 100 - filled);
    });
    void ended?.catch(() => undefined).finally(close);
  }

  async #cancel(id: string): Promise<void> {
    const { engine, output } = this.#parts;
    try {
      await engine.request(requests.cancelJob, { id });
    } catch (error) {
      const code = codeOf(error);
      if (code === 'job.notFound') this.#unheard.add(id);
      // It ended by itself just before: its end tells.
      else if (code !== 'job.state') await showError(output, error);
    }
  }

  #lines(): readonly string[] {
    return [...this.#now.values()];
  }

  async #say(ended: readonly JobInfo[]): Promise<void> {
    const [only, ...more] = ended;
    if (only === undefined) return;
    if (more.length === 0) await sayEnd(only, this.#parts.subjectOf);
    else await sayEnds(ended, this.#parts.subjectOf);
  }
}

/** For the channel: how a job ended, with what came of it. */
function endWords(job: JobInfo): string {
  const { id, title, result, error } = job;
  const what = result?.summary ?? (error === null ? '' : `${error.message} (${error.code})`);
  return vscode.l10n.t('Job {0} ({1}): {2}. {3}', title, id, stateText(job), what).trimEnd();
}
