import type { HostTarget } from '../../engine/api/host.ts';
import type { JobInfo, JobSpec } from '../../engine/api/jobs.ts';
import { showError } from '../errors/present-error.ts';
import type { FollowedJob } from '../jobs/followed-jobs.ts';
import type { Services } from '../services.ts';
import { jobTitle } from '../tree/present-job.ts';

export interface NewJob {
  /** What the VM is called. */
  readonly title: string;
  readonly spec: JobSpec;
  readonly target: HostTarget | null;
}

/** Starts jobs and follows them to their end; one that cannot be started is said and stops no other. */
export async function runJobs(
  { startJob, output, follower }: Services,
  jobs: readonly NewJob[],
): Promise<readonly JobInfo[]> {
  const started: FollowedJob[] = [];
  for (const job of jobs) {
    try {
      const id = await startJob(job.title, job.spec, job.target);
      started.push({ id, title: jobTitle(job) });
    } catch (error) {
      void showError(output, error);
    }
  }
  return started.length === 0 ? [] : follower.follow(started);
}
