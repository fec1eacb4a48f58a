import * as vscode from 'vscode';
import type { HostTarget } from '../../../engine/api/host.ts';
import type { JobInfo, JobSpec } from '../../../engine/api/jobs.ts';
import { requests } from '../../../engine/api/methods.ts';
import { currentHost, pathMapOf, type HostSetting } from '../../settings/hosts.ts';
import { sayError, sayInfo } from '../../ask/messages.ts';
import { codeOf } from '../../errors/own-failure.ts';
import { isLive } from '../../jobs/live-job.ts';
import { nodeOf } from '../../nodes/nodes.ts';
import type { CommandHandler, Services } from '../../services/services.ts';
import { jobTitle } from '../../jobs/job-text.ts';
import { hostOptions } from '../../choices/backup-options.ts';
import { askForceAgain } from '../../stores/ask-force.ts';
import { pickJob } from '../../jobs/pick-job.ts';
import { startJobs } from '../../jobs/run-jobs.ts';

const { t } = vscode.l10n;

const ended = (job: JobInfo): boolean => !isLive(job);

/** The job of the row, all that are selected, or one that is asked for. */
export const cancelJob: CommandHandler = async (services, node, selected) => {
  const rows = selected.flatMap((each) => nodeOf(each, 'job') ?? []);
  const several = rows.map((each) => services.trees.jobs.current(each).job).filter(isLive);
  if (several.length > 1) {
    await cancelAll(
      services,
      several.filter(({ elsewhere }) => !elsewhere),
    );
    return;
  }
  const job = await pickJob(services, node, isLive, t('No job is running.'));
  if (job === undefined) return;
  if (job.elsewhere) {
    void sayInfo(
      t('{0} is run by another window, terminal or machine. Cancel it there.', jobTitle(job)),
    );
    return;
  }
  await services.engine.request(requests.cancelJob, { id: job.id });
  await services.jobs.look();
};

/** Returns every job of this user that waits for a place, whichever window started it. */
export const cancelQueued: CommandHandler = async (services) => {
  const all = await services.jobs.look();
  const queued = all.filter(({ state }) => state === 'queued');
  if (queued.length === 0) void sayInfo(t('No job is waiting.'));
  else await cancelAll(services, queued);
};

/** Cancels waiting jobs first, the last of them before the others, so that no waiting job takes a place that becomes free. */
async function cancelAll(services: Services, jobs: readonly JobInfo[]): Promise<void> {
  const waits = ({ state, ahead }: JobInfo): number => (state === 'queued' ? (ahead ?? 0) + 1 : 0);
  for (const { id } of jobs.toSorted((a, b) => waits(b) - waits(a))) {
    try {
      await services.engine.request(requests.cancelJob, { id });
    } catch (error) {
      // It ended just before.
      if (codeOf(error) !== 'job.state' && codeOf(error) !== 'job.notFound') throw error;
    }
  }
  await services.jobs.look();
}

/** The same job once more, under a new id and with the host's settings of today; the record of the old one goes once the new one runs. */
export const runAgain: CommandHandler = async (services, node) => {
  const job = await pickJob(services, node, ended, t('No job has ended yet.'));
  if (job === undefined || !ended(job)) return;
  const { title } = job;
  const asked = job.spec.kind === 'restore' ? await askForceAgain(services, job.spec) : job.spec;
  if (asked === undefined) return;
  let spec: JobSpec = asked;
  let target: HostTarget | null = null;
  if ('host' in spec) {
    const host = services.hosts.at(spec.host);
    if (host === undefined) {
      void sayError(t('The host {0} is no longer in the list: add it again.', spec.host));
      return;
    }
    target = (await services.connections.target(host.host, true)) ?? null;
    if (target === null) return;
    spec = withHostOfToday(spec, currentHost(host.host));
  }
  const started = await startJobs(services, [{ title, spec, target }]);
  if (started.length === 0) return;
  const running = services.follower.follow(started);
  await services.engine.request(requests.forgetJob, { id: job.id }).catch(() => undefined);
  await services.jobs.look();
  await running;
};

/** A host's folders may have been mapped since, or its address changed: the job is about the host as it is now. */
function withHostOfToday(spec: JobSpec, host: HostSetting): JobSpec {
  if (spec.kind === 'export' || spec.kind === 'writer') return { ...spec, host: host.url };
  if (spec.kind === 'import' || spec.kind === 'over') {
    return { ...spec, host: host.url, pathMap: pathMapOf(host) };
  }
  if (spec.kind !== 'backup') return spec;
  return { ...spec, host: host.url, options: { ...spec.options, ...hostOptions(host) } };
}

export const forgetJob: CommandHandler = async (services, node) => {
  const job = await pickJob(services, node, ended, t('No job has ended yet.'));
  if (job === undefined) return;
  await services.engine.request(requests.forgetJob, { id: job.id });
  await services.jobs.look();
};
