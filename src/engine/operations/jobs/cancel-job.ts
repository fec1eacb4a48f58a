import { isLive, JobFolder } from '../../jobs/folder/job-folder.ts';
import type { JobList } from '../../jobs/list/job-list.ts';
import { jobError } from '../../jobs/spec/job-errors.ts';

/** Asks a job that waits or runs to stop. It undoes what it began. Throws `job.notFound`, `job.state`. */
export async function cancelJob(jobs: JobList, home: string, id: string): Promise<void> {
  const job = await jobs.get(id);
  if (job === undefined) {
    throw jobError('job.notFound', `This machine has no job ${id}`, { data: { found: id } });
  }
  if (!isLive(job)) {
    throw jobError('job.state', `The job ${id} has ended: it is ${job.state}`, {
      data: { id, found: job.state },
    });
  }
  await new JobFolder(home, id).askToCancel();
}
