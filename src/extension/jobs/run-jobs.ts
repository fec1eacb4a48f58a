import type { HostTarget } from '../../engine/api/host.ts';
import type { JobInfo, JobSpec } from '../../engine/api/jobs.ts';
import { showError } from '../errors/present-error.ts';
import type { FollowedJob } from './followed-jobs.ts';
import type { JobServices } from './job-services.ts';
import { jobTitle } from './job-text.ts';

export interface NewJob {
  /** Name of the VM. */
  readonly title: string;
  readonly spec: JobSpec;
  readonly target: HostTarget | null;
}

/** Starts jobs and follows them to their end. */
export async function runJobs(
  services: JobServices,
  jobs: readonly NewJob[],
): Promise<readonly JobInfo[]> {
  const started = await startJobs(services, jobs);
  return started.length === 0 ? [] : services.follower.follow(started);
}

/** Starts jobs; one that cannot be started is said and stops no other. Those that were are followed also after a reload. */
export async function startJobs(
  { startJob, output, follower }: JobServices,
  jobs: readonly NewJob[],
): Promise<readonly FollowedJob[]> {
  const started: FollowedJob[] = [];
  for (const job of jobs) {
    try {
      const id = await startJob(job.title, job.spec, job.target);
      const followed = { id, title: jobTitle(job) };
      started.push(followed);
      await follower.keep(followed);
    } catch (error) {
      void showError(output, error);
    }
  }
  return started;
}
