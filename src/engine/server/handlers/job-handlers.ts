import type { JobInfo } from '../../api/jobs.ts';
import { jobError } from '../../jobs/spec/job-errors.ts';
import { isLive, JobFolder } from '../../jobs/folder/job-folder.ts';
import type { JobList } from '../../jobs/list/job-list.ts';
import type { Handlers } from '../contract/handlers.ts';

/** Handles the requests about jobs, which run in their own processes. */
export function jobHandlers(
  jobs: JobList,
  home: string,
): Handlers<'listJobs' | 'cancelJob' | 'forgetJob'> {
  return {
    listJobs: ({ stores }, { signal }) => jobs.list(stores, signal),
    cancelJob: async ({ id }) => {
      const job = await jobs.get(id);
      if (job === undefined) {
        throw jobError('job.notFound', `This machine has no job ${id}`, {
          data: { found: id },
        });
      }
      if (!isLive(job)) {
        throw state(job, `The job ${id} has ended: it is ${job.state}`);
      }
      await new JobFolder(home, id).askToCancel();
      return {};
    },
    forgetJob: async ({ id }) => {
      const job = await jobs.get(id);
      if (job !== undefined && isLive(job)) {
        throw state(job, `The job ${id} is ${job.state}; cancel it before removing it`);
      }
      await new JobFolder(home, id).remove();
      return {};
    },
  };
}

const state = ({ id, state: found }: JobInfo, message: string): Error =>
  jobError('job.state', message, { data: { id, found } });
