import * as vscode from 'vscode';
import type { HostTarget } from '../../engine/api/host.ts';
import type { JobInfo, JobSpec } from '../../engine/api/jobs.ts';
import { requests } from '../../engine/api/methods.ts';
import { followJob } from '../jobs/job-notifications.ts';
import { startJob } from '../jobs/start-job.ts';
import type { CommandHandler, Services } from '../services.ts';
import { jobTitle } from '../tree/jobs-tree.ts';
import { nodeOf } from '../tree/nodes.ts';

const { t } = vscode.l10n;

export interface NewJob {
  readonly title: string;
  readonly spec: JobSpec;
  readonly target: HostTarget | null;
}

/** Starts jobs and follows them to their end; the views are brought up to date then. */
export async function runJobs(
  services: Services,
  jobs: readonly NewJob[],
): Promise<readonly JobInfo[]> {
  return Promise.all(
    jobs.map(async (job) => {
      const { engine, jobs: watcher, context, environment } = services;
      const id = await startJob(
        context.extensionPath,
        environment,
        job.title,
        job.spec,
        job.target,
      );
      const ended = await followJob(engine, watcher, id, jobTitle(job));
      services.trees.stores.refresh();
      if (job.target !== null) await services.hosts.refresh();
      return ended;
    }),
  );
}

export const cancelJob: CommandHandler = async ({ engine, jobs }, node) => {
  const given = nodeOf(node, 'job')?.job;
  const running = jobs.jobs.filter(({ state, elsewhere }) => state === 'running' && !elsewhere);
  const job = given ?? (await pickJob(t('Cancel'), running));
  if (job === undefined) return;
  await engine.request(requests.cancelJob, { id: job.id });
  await jobs.look();
};

/** The same job once more, under a new id. */
export const runAgain: CommandHandler = async (services, node) => {
  const ended = services.jobs.jobs.filter(({ state }) => state !== 'running');
  const job = nodeOf(node, 'job')?.job ?? (await pickJob(t('Run Again'), ended));
  if (job === undefined) return;
  const { spec } = job;
  let target: HostTarget | null = null;
  if (spec.kind === 'backup' || spec.kind === 'export') {
    const host = services.hosts.hosts.find((each) => each.host.url === spec.host);
    if (host === undefined) {
      void vscode.window.showErrorMessage(
        t('The host {0} is no longer in the list: add it again.', spec.host),
      );
      return;
    }
    target = (await services.connections.target(host.host, true)) ?? null;
    if (target === null) return;
  }
  await services.engine.request(requests.forgetJob, { id: job.id }).catch(() => undefined);
  await runJobs(services, [{ title: job.title, spec, target }]);
};

export const forgetJob: CommandHandler = async ({ engine, jobs }, node) => {
  const ended = jobs.jobs.filter(({ state }) => state !== 'running');
  const job = nodeOf(node, 'job')?.job ?? (await pickJob(t('Remove Job from List'), ended));
  if (job === undefined) return;
  await engine.request(requests.forgetJob, { id: job.id });
  await jobs.look();
};

async function pickJob(title: string, jobs: readonly JobInfo[]): Promise<JobInfo | undefined> {
  const items = jobs.map((job) => ({ label: jobTitle(job), description: job.started, job }));
  if (items.length === 1) return items[0]?.job;
  return (await vscode.window.showQuickPick(items, { title }))?.job;
}
