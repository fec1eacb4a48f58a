import * as vscode from 'vscode';
import type { HostTarget } from '../../../engine/api/host.ts';
import type { JobInfo, JobSpec } from '../../../engine/api/jobs.ts';
import { requests } from '../../../engine/api/methods.ts';
import { currentHost, type HostSetting } from '../../settings/hosts.ts';
import { sayError, sayInfo } from '../../ask/messages.ts';
import type { CommandHandler } from '../../services/services.ts';
import { jobTitle } from '../../jobs/job-text.ts';
import { hostOptions } from '../../choices/backup-options.ts';
import { askForceAgain } from '../../stores/ask-force.ts';
import { pickJob } from '../../jobs/pick-job.ts';
import { startJobs } from '../../jobs/run-jobs.ts';

const { t } = vscode.l10n;

export const cancelJob: CommandHandler = async (services, node) => {
  const running = ({ state }: JobInfo): boolean => state === 'running';
  const job = await pickJob(services, node, running, t('No job is running.'));
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

/** The same job once more, under a new id and with the host's settings of today; the record of the old one goes once the new one runs. */
export const runAgain: CommandHandler = async (services, node) => {
  const ended = ({ state }: JobInfo): boolean => state !== 'running';
  const job = await pickJob(services, node, ended, t('No job has ended yet.'));
  if (job === undefined || !ended(job)) return;
  const { title } = job;
  const asked = job.spec.kind === 'restore' ? await askForceAgain(services, job.spec) : job.spec;
  if (asked === undefined) return;
  let spec: JobSpec = asked;
  let target: HostTarget | null = null;
  if (spec.kind === 'backup' || spec.kind === 'export') {
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
  if (spec.kind === 'export') return { ...spec, host: host.url };
  if (spec.kind !== 'backup') return spec;
  return { ...spec, host: host.url, options: { ...spec.options, ...hostOptions(host) } };
}

export const forgetJob: CommandHandler = async (services, node) => {
  const ended = ({ state }: JobInfo): boolean => state !== 'running';
  const job = await pickJob(services, node, ended, t('No job has ended yet.'));
  if (job === undefined) return;
  await services.engine.request(requests.forgetJob, { id: job.id });
  await services.jobs.look();
};
