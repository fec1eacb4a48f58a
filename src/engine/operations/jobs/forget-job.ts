import { isLive, JobFolder } from '../../jobs/folder/job-folder.ts';
import type { JobList } from '../../jobs/list/job-list.ts';
import { jobError } from '../../jobs/spec/job-errors.ts';

/** Removes the folder of a job that has ended. Throws `job.state` if it waits or runs. */
export async function forgetJob(jobs: JobList, home: string, id: string): Promise<void> {
  const job = await jobs.get(id);
  if (job !== undefined && isLive(job)) {
    const message = `The job ${id} is ${job.state}; cancel it before removing it`;
    throw jobError('job.state', message, { data: { id, found: job.state } });
  }
  await new JobFolder(home, id).remove();
}
